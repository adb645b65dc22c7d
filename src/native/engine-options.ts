import { availableParallelism } from 'node:os'
import type { EngineOptions } from './engine.js'

const MB = 1024 * 1024

/** Defaults for a broker that has the machine to itself. */
export function defaultEngineOptions(): EngineOptions {
  const cores = availableParallelism()
  return {
    // One core is the script's; a reactor per further core, since reactors never wait for anything else. With one
    // further core, handing requests over costs more than it wins, and the clients or the disk can use that core.
    networkThreads: cores > 2 ? cores - 1 : 0,
    // Lanes mostly copy into the page cache; a second one serves other logs while the first waits for a sync.
    logThreads: cores > 2 ? 2 : 1,
    // `socket.request.max.bytes` of Kafka.
    frameBytesMax: 100 * MB,
    // Address space, not memory: only what is in flight is resident. Room for two frames of the largest size
    // beside a thousand receive chunks of 256 KB.
    slabBytes: 512 * MB,
    // Clients pipeline 5 to 100 requests; beyond this one of them would own the control plane's queue.
    connectionFramesMax: 128,
    // A few large fetch replies; what a reader does not take stays in files, so this bounds promises, not memory.
    connectionSendBytesMax: 128 * MB,
    connectionsMax: 20_000,
    // Bounded so that many slow readers cannot pin gigabytes of kernel memory, large enough to keep a fast
    // link busy between two turns of a reactor.
    sendBufferBytes: 1 * MB,
    receiveBufferBytes: 1 * MB,
    // bbr without the fq queue arms a timer per large send, which costs several times the send itself.
    congestionControl: 'cubic',
  }
}

/** Throws a RangeError naming the option that the addon could not work with. */
export function checkEngineOptions(options: EngineOptions): void {
  const ranges: readonly [keyof EngineOptions, number, number][] = [
    ['networkThreads', 0, 256],
    ['logThreads', 1, 256],
    // The slab's largest block is half of its region, which positions of 32 bits can address.
    ['frameBytesMax', 8, 1024 * MB - 4],
    ['slabBytes', 0, 1024 * MB],
    ['connectionFramesMax', 1, 1_000_000],
    ['connectionSendBytesMax', 1, Number.MAX_SAFE_INTEGER],
    ['connectionsMax', 1, 1_000_000],
    ['sendBufferBytes', 0, 1024 * MB],
    ['receiveBufferBytes', 0, 1024 * MB],
  ]
  for (const [name, min, max] of ranges) {
    const value = options[name] as number
    if (Number.isInteger(value) && value >= min && value <= max) continue
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, not ${value}`)
  }
}
