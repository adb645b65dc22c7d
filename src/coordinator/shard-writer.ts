import { BATCH_HEADER_SIZE } from '../protocol/records/batch-header.js'
import { withCompressedRecords } from './batch-compression.js'
import { OpenBatch } from './open-batch.js'
import { RecordEncoder } from './record-encoder.js'
import type { CoordinatorLog, EntryCodec, RecordCompression } from './state-machine.js'
import type { Wait } from './wait.js'

export interface ShardWriterOptions<Entry> {
  readonly codec: EntryCodec<Entry>
  readonly log: CoordinatorLog
  readonly compression: RecordCompression
  readonly compressionId: number
  readonly defer: (run: () => void) => void
  /** An append was lost; nothing is written or released any more. */
  readonly failed: (error: unknown) => void
}

const encoder = new RecordEncoder()

/**
 * Gathers the records of one turn into one batch, appends it when the turn is over, and lets replies go when the
 * batches before them are written. Batches complete in the order they were appended, whatever order the log reports.
 */
export class ShardWriter<Entry> {
  unwrittenBytes = 0
  readonly #options: ShardWriterOptions<Entry>
  /** Appended and not yet released, oldest first. */
  readonly #appended: OpenBatch[] = []
  #open: OpenBatch | null = null
  /** Compression takes time of its own; it must not reorder appends. */
  #compressed: Promise<void> = Promise.resolve()
  #abandoned = false

  constructor(options: ShardWriterOptions<Entry>) {
    this.#options = options
  }

  add(entry: Entry, timestamp: number): void {
    const record = encoder.encode(this.#options.codec, entry)
    if (this.#open !== null && !this.#open.fits(record)) this.#flush()
    if (this.#open === null) {
      const batch = new OpenBatch()
      this.#open = batch
      this.#options.defer(() => {
        if (this.#open === batch) this.#flush()
      })
    }
    this.#open.add(record, timestamp)
  }

  reply<Reply>(wait: Wait<Reply>, reply: Reply): void {
    const last = this.#open ?? this.#appended.at(-1)
    if (last === undefined) wait.complete(reply)
    else last.hold(wait, reply)
  }

  /** Fails every reply that is held back, and forgets what is still under way. */
  abandon(code: number): void {
    this.#abandoned = true
    const batches = [...this.#appended, ...(this.#open === null ? [] : [this.#open])]
    this.#appended.length = 0
    this.#open = null
    for (const batch of batches) batch.fail(code)
  }

  #flush(): void {
    const batch = this.#open as OpenBatch
    this.#open = null
    this.#appended.push(batch)
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
    while (this.#appended[0]?.written) {
      const first = this.#appended.shift() as OpenBatch
      this.unwrittenBytes -= first.bytes
      first.release()
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
