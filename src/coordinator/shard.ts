import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import { CallbackTimer, type TimingWheel } from '../base/timing-wheel.js'
import { ErrorCode } from '../protocol/errors.js'
import type { EventSink, EventTimer } from './event-timer.js'
import {
  DEFERRED_EVENTS_MAX,
  RELOAD_DELAY_MAX_MS,
  RELOAD_DELAY_MIN_MS,
  UNWRITTEN_BYTES_MAX,
} from './limits.js'
import { replayLog } from './loader.js'
import { ShardWriter } from './shard-writer.js'
import type {
  CoordinatorLog,
  Effects,
  EntryCodec,
  RecordCompression,
  StateMachine,
  TransactionalProducer,
} from './state-machine.js'
import type { Failable, Wait } from './wait.js'

export interface ShardOptions<Machine extends StateMachine<Event, Entry>, Event, Entry> {
  readonly name: string
  readonly log: CoordinatorLog
  readonly createMachine: () => Machine
  readonly codec: EntryCodec<Entry>
  readonly compression: RecordCompression
  /** Codec id of the batches this shard writes; 0 is none. */
  readonly compressionId: number
  readonly clock: Clock
  readonly timers: TimingWheel
  readonly writeTimeoutMs: number
  readonly logger: Logger
  /** Runs a function when the events of the present turn are all handled. */
  readonly defer: (run: () => void) => void
}

/**
 * One partition of an internal topic and the state its records describe.
 *
 *   loading ──replayed──► active ──append failed──► loading …
 *      │ log unreadable: waits, then loading again
 *      └──────── unload ────────► unloaded (from any state, for good)
 *
 * Runs on the sequencer thread. Events are handled one after the other, each to its end; see state-machine.ts for
 * what is ordered and when replies leave. A new state machine is made for every load, so nothing of a dropped state
 * can leak into the next one: timers and appends of the old one find that they no longer matter.
 */
export class Shard<Machine extends StateMachine<Event, Entry>, Event, Entry>
  implements Effects<Event, Entry>, EventSink<Event>
{
  nowMs = 0
  readonly #options: ShardOptions<Machine, Event, Entry>
  readonly #reloadTimer = new CallbackTimer(() => void this.load())
  #state: 'loading' | 'active' | 'unloaded' = 'loading'
  #machine: Machine
  #writer: ShardWriter<Entry>
  readonly #deferred: Event[] = []
  #position = 0
  #failures = 0

  constructor(options: ShardOptions<Machine, Event, Entry>) {
    this.#options = options
    this.#machine = options.createMachine()
    this.#writer = this.#newWriter()
  }

  get active(): boolean {
    return this.#state === 'active'
  }

  /** For inspection; requests go through `submit` and `query`. */
  get machine(): Machine {
    return this.#machine
  }

  /** Resolves when the shard is active, gave up for now, or was unloaded. */
  async load(): Promise<void> {
    const { log, codec, compression, createMachine, logger, name } = this.#options
    const machine = createMachine()
    this.#machine = machine
    const wanted = () => this.#state === 'loading' && this.#machine === machine
    try {
      const summary = await replayLog({ log, machine, codec, compression, wanted })
      if (!wanted()) return
      this.#position = summary.position
      this.#failures = 0
      this.#state = 'active'
      this.#begin()
      machine.loaded(this)
      for (const event of this.#deferred.splice(0)) this.#handle(event)
      logger.debug('shard loaded', { shard: name, ...summary })
    } catch (error) {
      if (wanted()) this.#loadLater('could not be loaded', error)
    }
  }

  unload(): void {
    if (this.#state === 'unloaded') return
    this.#state = 'unloaded'
    this.#options.timers.cancel(this.#reloadTimer)
    this.#drop(ErrorCode.NOT_COORDINATOR)
  }

  /** Handles the event now, or fails the wait when the shard cannot take it. */
  submit(event: Event, wait: Failable): void {
    const code = this.#refusal()
    if (code !== ErrorCode.NONE) wait.fail(code)
    else this.#handle(event)
  }

  /** For what happened elsewhere and cannot be asked for again: while the shard loads, the event waits for it. */
  notify(event: Event): void {
    if (this.#state === 'active') this.#handle(event)
    else if (this.#state === 'loading') this.#deferred.push(event)
    if (this.#deferred.length > DEFERRED_EVENTS_MAX) {
      this.#deferred.shift()
      this.#options.logger.warn('an event was given up while the shard loads', { shard: this.#options.name })
    }
  }

  /** Reads the state; like any reply, the answer leaves after what it may have seen is written. */
  query<Reply>(read: (machine: Machine) => Reply, wait: Wait<Reply>): void {
    const code = this.#refusal()
    if (code !== ErrorCode.NONE) wait.fail(code)
    else this.reply(wait, read(this.#machine))
  }

  timerExpired(event: Event): void {
    if (this.#state === 'active') this.#handle(event)
  }

  append(entry: Entry, producer: TransactionalProducer | null = null): void {
    this.#machine.apply(entry, { position: this.#position++, producerId: producer?.id ?? -1 })
    this.#writer.add(entry, this.nowMs, producer)
  }

  reply<Reply>(wait: Wait<Reply>, reply: Reply): void {
    this.#writer.reply(wait, reply)
  }

  schedule(timer: EventTimer<Event>, delayMs: number): void {
    timer.sink = this
    this.#options.timers.schedule(timer, delayMs)
  }

  cancel(timer: EventTimer<Event>): void {
    this.#options.timers.cancel(timer)
  }

  #handle(event: Event): void {
    this.#begin()
    this.#machine.handle(event, this)
  }

  #begin(): void {
    this.nowMs = this.#options.clock.nowMs()
  }

  #refusal(): number {
    if (this.#state === 'unloaded') return ErrorCode.NOT_COORDINATOR
    const overloaded = this.#writer.unwrittenBytes > UNWRITTEN_BYTES_MAX
    return this.#state === 'loading' || overloaded ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : ErrorCode.NONE
  }

  #newWriter(): ShardWriter<Entry> {
    const { log, codec, compression, compressionId, defer, timers, writeTimeoutMs } = this.#options
    const writer: ShardWriter<Entry> = new ShardWriter<Entry>({
      codec,
      log,
      compression,
      compressionId,
      defer,
      timers,
      writeTimeoutMs,
      failed: (error) => {
        if (this.#writer === writer) this.#appendFailed(error)
      },
    })
    return writer
  }

  #appendFailed(error: unknown): void {
    if (this.#state !== 'active') return
    this.#state = 'loading'
    this.#drop(ErrorCode.NOT_COORDINATOR)
    this.#loadLater('lost an append', error)
  }

  #loadLater(what: string, error: unknown): void {
    const delayMs = Math.min(RELOAD_DELAY_MIN_MS * 2 ** this.#failures++, RELOAD_DELAY_MAX_MS)
    this.#options.logger.error(`shard ${what} and will be loaded again`, {
      shard: this.#options.name,
      delayMs,
      error,
    })
    this.#options.timers.schedule(this.#reloadTimer, delayMs)
  }

  /** Ends everything that hangs on the present state. */
  #drop(code: number): void {
    const machine = this.#machine
    const writer = this.#writer
    this.#machine = this.#options.createMachine()
    this.#writer = this.#newWriter()
    for (const timer of machine.timers()) this.#options.timers.cancel(timer)
    writer.abandon(code)
    for (const wait of machine.takeWaits()) wait.fail(code)
  }
}
