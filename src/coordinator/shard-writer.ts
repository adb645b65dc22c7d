import { CallbackTimer, type TimingWheel } from '../base/timing-wheel.js'
import { ErrorCode } from '../protocol/errors.js'
import { BATCH_HEADER_SIZE } from '../protocol/records/batch-header.js'
import { withCompressedRecords } from './batch-compression.js'
import { OpenBatch } from './open-batch.js'
import { RecordEncoder } from './record-encoder.js'
import type { CoordinatorLog, EntryCodec, RecordCompression, TransactionalProducer } from './state-machine.js'
import type { Wait } from './wait.js'

export interface ShardWriterOptions<Entry> {
  readonly codec: EntryCodec<Entry>
  readonly log: CoordinatorLog
  readonly compression: RecordCompression
  readonly compressionId: number
  readonly defer: (run: () => void) => void
  readonly timers: TimingWheel
  /** Longest time replies are held back for one append; then they fail with COORDINATOR_NOT_AVAILABLE. */
  readonly writeTimeoutMs: number
  /** An append was lost; nothing is written or released any more. */
  readonly failed: (error: unknown) => void
}

interface AppendedBatch {
  readonly batch: OpenBatch
  readonly timeout: CallbackTimer
}

const encoder = new RecordEncoder()

/**
 * Gathers the records of one turn into one batch, appends it when the turn is over, and lets replies go when the
 * batches before them are written. Batches complete in the order they were appended, whatever order the log reports.
 */
export class ShardWriter<Entry> {
  unwrittenBytes = 0
  readonly #options: ShardWriterOptions<Entry>
  /** Appended and not yet written, oldest first. */
  readonly #appended: AppendedBatch[] = []
  #open: OpenBatch | null = null
  /** Compression takes time of its own; it must not reorder appends. */
  #compressed: Promise<void> = Promise.resolve()
  #abandoned = false

  constructor(options: ShardWriterOptions<Entry>) {
    this.#options = options
  }

  /** A batch holds the records of one transaction, or those of none. */
  add(entry: Entry, timestamp: number, producer: TransactionalProducer | null): void {
    const record = encoder.encode(this.#options.codec, entry)
    if (this.#open !== null && !(this.#open.isOf(producer) && this.#open.fits(record))) this.#flush()
    if (this.#open === null) {
      const batch = new OpenBatch(producer)
      this.#open = batch
      this.#options.defer(() => {
        if (this.#open === batch) this.#flush()
      })
    }
    this.#open.add(record, timestamp)
  }

  reply<Reply>(wait: Wait<Reply>, reply: Reply): void {
    const last = this.#open ?? this.#appended.at(-1)?.batch
    if (last === undefined) wait.complete(reply)
    else last.hold(wait, reply)
  }

  /** Fails every reply that is held back, and forgets what is still under way. */
  abandon(code: number): void {
    this.#abandoned = true
    const appended = this.#appended.splice(0)
    const open = this.#open
    this.#open = null
    for (const { batch, timeout } of appended) {
      this.#options.timers.cancel(timeout)
      batch.fail(code)
    }
    open?.fail(code)
  }

  #flush(): void {
    const batch = this.#open as OpenBatch
    this.#open = null
    const { timers, writeTimeoutMs } = this.#options
    const timeout = new CallbackTimer(() => batch.giveUp(ErrorCode.COORDINATOR_NOT_AVAILABLE))
    timers.schedule(timeout, writeTimeoutMs)
    this.#appended.push({ batch, timeout })
    this.unwrittenBytes += batch.bytes
    this.#append(batch.finish()).then(
      () => this.#written(batch),
      (error: unknown) => this.#failed(error),
    )
  }

  #append(bytes: Buffer): Promise<unknown> {
    const { log, compression, compressionId } = this.#options
    if (compressionId === 0) return attempt(() => log.append(bytes))
    const before = this.#compressed
    const compressed = compression.compress(compressionId, bytes.subarray(BATCH_HEADER_SIZE))
    const appended = Promise.all([compressed, before]).then(([records]) => ({
      written: log.append(withCompressedRecords(bytes, compressionId, records)),
    }))
    // Only the order matters to the next batch; this one's failure is told by its own promise.
    this.#compressed = appended.then(
      () => undefined,
      () => undefined,
    )
    return appended.then(({ written }) => written)
  }

  #written(batch: OpenBatch): void {
    if (this.#abandoned) return
    batch.written = true
    for (let first = this.#appended[0]; first?.batch.written; first = this.#appended[0]) {
      this.#appended.shift()
      this.unwrittenBytes -= first.batch.bytes
      this.#options.timers.cancel(first.timeout)
      first.batch.release()
    }
  }

  #failed(error: unknown): void {
    if (!this.#abandoned) this.#options.failed(error)
  }
}

/** A log that refuses at once is told like one that fails later. */
function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return action()
  } catch (error) {
    return Promise.reject(error)
  }
}
