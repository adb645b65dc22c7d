import { assert } from '../base/assert.js'
import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { TimingWheel } from '../base/timing-wheel.js'
import { ErrorCode } from '../protocol/errors.js'
import { WRITE_TIMEOUT_MS } from './limits.js'
import { Shard } from './shard.js'
import type { CoordinatorLog, EntryCodec, RecordCompression, StateMachine } from './state-machine.js'
import type { Failable, Wait } from './wait.js'

export interface RuntimeOptions<Machine extends StateMachine<Event, Entry>, Event, Entry> {
  /** The internal topic, for log lines. */
  readonly topic: string
  readonly createMachine: () => Machine
  readonly codec: EntryCodec<Entry>
  readonly clock: Clock
  readonly timers: TimingWheel
  readonly logger: Logger
  readonly compression?: RecordCompression
  readonly compressionId?: number
  /** Longest time replies wait for an append to be written. */
  readonly writeTimeoutMs?: number
  /** Runs a function after the present turn; a microtask unless a test wants to hold it back. */
  readonly defer?: (run: () => void) => void
}

/**
 * The shards of one internal topic that this broker leads. A shard exists from `load` to `unload`; while it is not
 * here, requests for it fail with NOT_COORDINATOR, and while it loads with COORDINATOR_LOAD_IN_PROGRESS.
 */
export class CoordinatorRuntime<Machine extends StateMachine<Event, Entry>, Event, Entry> {
  readonly #options: RuntimeOptions<Machine, Event, Entry>
  readonly #shards = new Map<number, Shard<Machine, Event, Entry>>()

  constructor(options: RuntimeOptions<Machine, Event, Entry>) {
    this.#options = options
  }

  /** Resolves when the shard is active, or failed to load and will try again by itself. */
  load(partition: number, log: CoordinatorLog): Promise<void> {
    assert(!this.#shards.has(partition), `Shard ${partition} is loaded once.`)
    const { compression = noCompression, compressionId = 0, defer = queueMicrotask } = this.#options
    const { topic, writeTimeoutMs = WRITE_TIMEOUT_MS } = this.#options
    const name = `${topic}-${partition}`
    const given = { name, log, compression, compressionId, defer, writeTimeoutMs }
    const shard = new Shard<Machine, Event, Entry>({ ...this.#options, ...given })
    this.#shards.set(partition, shard)
    return shard.load()
  }

  unload(partition: number): void {
    const shard = this.#shards.get(partition)
    this.#shards.delete(partition)
    shard?.unload()
  }

  unloadAll(): void {
    for (const partition of [...this.#shards.keys()]) this.unload(partition)
  }

  submit(partition: number, event: Event, wait: Failable): void {
    const shard = this.#shards.get(partition)
    if (shard === undefined) wait.fail(ErrorCode.NOT_COORDINATOR)
    else shard.submit(event, wait)
  }

  query<Reply>(partition: number, read: (machine: Machine) => Reply, wait: Wait<Reply>): void {
    const shard = this.#shards.get(partition)
    if (shard === undefined) wait.fail(ErrorCode.NOT_COORDINATOR)
    else shard.query(read, wait)
  }

  /** Tells every shard that is here, or will be once it is loaded. */
  notifyAll(event: Event): void {
    for (const shard of this.#shards.values()) shard.notify(event)
  }

  shard(partition: number): Shard<Machine, Event, Entry> | undefined {
    return this.#shards.get(partition)
  }

  partitions(): number[] {
    return [...this.#shards.keys()]
  }
}

/** Stands in where no codec was given: plain batches need none, others cannot be read. */
const noCompression: RecordCompression = {
  compress: (codecId) => Promise.reject(new RangeError(`no codec ${codecId}`)),
  decompress: (codecId) => Promise.reject(new RangeError(`no codec ${codecId}`)),
}
