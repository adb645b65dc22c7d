import type { Clock } from './base/clock.js'
import { systemClock } from './base/clock.js'
import type { Logger } from './base/logger.js'
import { type Random, systemRandom } from './base/random.js'
import { TimerDriver } from './base/timer-driver.js'
import { TimingWheel } from './base/timing-wheel.js'
import { type BrokerCore, openCore } from './broker/core.js'
import { EventRouter } from './broker/engine-events.js'
import { engineOptionsOf } from './broker/engine-options.js'
import { openGateway } from './broker/gateway.js'
import { openNetwork } from './broker/network.js'
import type { BrokerConfig } from './config/broker-config.js'
import { loadAddon } from './native/addon.js'
import { createEngine } from './native/binding.js'
import type { Engine } from './native/engine.js'
import type { Files } from './native/files.js'
import { nodeFiles } from './native/node-files.js'
import { roomMakingFiles } from './native/room-making-files.js'
import { formatAddress, isWildcard } from './network/listener-address.js'

export interface StartOptions {
  readonly config: BrokerConfig
  readonly logger: Logger
  readonly clock?: Clock
  readonly random?: Random
  /** The outside world; the real one unless a test brings its own. */
  readonly engine?: Engine
  readonly files?: Files
}

export interface RunningBroker {
  readonly clusterId: string
  readonly nodeId: number
  /** host:port of the first listener, as a client on this machine can use it. */
  readonly bootstrap: string
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[]
  readonly core: BrokerCore
  /** Resolves when the disk under the metadata, or the last log directory, failed: the broker serves nothing more. */
  readonly lost: Promise<Error>
  /** Closes listeners and connections, flushes and closes every log. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Gives back the memory that holds what only starting needed of Node's and the addon's programs, more than a third of
 * what an idle broker holds. For a process that is nothing but a broker; takes about a millisecond.
 */
export function releaseProgram(): void {
  loadAddon().releaseProgram()
}

/**
 * Starts in this order: engine, core (see `broker/core.ts`), listeners. Nothing is answered before everything that
 * could be asked for is open. A failed start leaves nothing running.
 */
export async function startBroker(options: StartOptions): Promise<RunningBroker> {
  const { config, logger, clock = systemClock, random = systemRandom } = options
  const engine = options.engine ?? createEngine(engineOptionsOf(config))
  const files = roomMakingFiles(options.files ?? nodeFiles, () => engine.makeRoom())
  const timers = new TimingWheel({ clock })
  const driver = new TimerDriver({ wheel: timers })
  const surroundings = { config, engine, files, clock, timers, random, logger }
  const startedMs = clock.monotonicMs()
  const router = new EventRouter()
  engine.start(router)
  driver.start()
  const closing: (() => Promise<void>)[] = [() => engine.stop()]
  const stop = async () => {
    for (let close = closing.pop(); close !== undefined; close = closing.pop()) {
      await close().catch((error: unknown) =>
        logger.error('stopping was not clean', { error: String(error) }),
      )
    }
    driver.stop()
  }
  try {
    const gateway = await openGateway(surroundings)
    closing.push(() => gateway.stop())
    const core = await openCore(surroundings, router)
    closing.push(() => core.stop())
    const network = await openNetwork(surroundings, core, router)
    closing.push(() => network.stop())
    gateway.serving(core, network)
    const listeners = network.listeners.list()
    const bootstrap = bootstrapOf(listeners)
    const startedInMs = Math.round(clock.monotonicMs() - startedMs)
    const { image } = core.controller
    const { topicCount: topics, partitionCount: partitions } = image
    logger.info('broker started', { bootstrap, nodeId: config.nodeId, topics, partitions, startedInMs })
    let stopping: Promise<void> | null = null
    return {
      clusterId: image.clusterId,
      nodeId: config.nodeId,
      bootstrap,
      listeners,
      core,
      lost: core.logs.lost,
      stop() {
        gateway.leaving()
        stopping ??= stop().then(() => logger.info('broker stopped'))
        return stopping
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function bootstrapOf(listeners: readonly { host: string; port: number }[]): string {
  const [first] = listeners
  if (first === undefined) return ''
  return formatAddress({ host: isWildcard(first.host) ? '127.0.0.1' : first.host, port: first.port })
}
