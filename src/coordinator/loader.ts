import { ProtocolError } from '../protocol/protocol-error.js'
import * as header from '../protocol/records/batch-header.js'
import { readBatch } from '../protocol/records/batch-reader.js'
import { LOAD_BATCH_BYTES_MAX, LOAD_BYTES_MAX } from './limits.js'
import type { CoordinatorLog, EntryCodec, RecordCompression, StateMachine } from './state-machine.js'

export interface LoadOptions<Event, Entry> {
  readonly log: CoordinatorLog
  readonly machine: StateMachine<Event, Entry>
  readonly codec: EntryCodec<Entry>
  readonly compression: RecordCompression
  /** False once nobody wants the result any more; loading stops at the next step. */
  readonly wanted: () => boolean
}

export interface LoadSummary {
  /** First position that a new entry may take. */
  readonly position: number
  readonly records: number
  /** Records of a type this broker does not know; they stay in the log and are left alone. */
  readonly unknownRecords: number
}

/** Replays a log from its start to the end it has now. Rejects when the log cannot be read or understood. */
export async function replayLog<Event, Entry>(options: LoadOptions<Event, Entry>): Promise<LoadSummary> {
  const { log, wanted } = options
  const replay = new Replay(options)
  const end = log.endOffset
  let offset = log.startOffset
  let bytesMax = LOAD_BYTES_MAX
  while (offset < end && wanted()) {
    const bytes = await log.read(offset, bytesMax)
    const next = await replay.batches(bytes, offset)
    if (next === offset) {
      // Not one whole batch fitted: batches of another broker may be larger than ours.
      bytesMax *= 2
      if (bytes.length === 0 || bytesMax > LOAD_BATCH_BYTES_MAX) {
        throw new ProtocolError('INVALID_RECORD', `no batch can be read at offset ${offset}`)
      }
    } else {
      bytesMax = LOAD_BYTES_MAX
    }
    offset = next
  }
  return { position: Math.max(offset, end), records: replay.records, unknownRecords: replay.unknownRecords }
}

class Replay<Event, Entry> {
  records = 0
  unknownRecords = 0
  readonly #options: LoadOptions<Event, Entry>

  constructor(options: LoadOptions<Event, Entry>) {
    this.#options = options
  }

  /** Returns the offset after the last whole batch, or `offset` when there was none. */
  async batches(bytes: Buffer, offset: number): Promise<number> {
    let next = offset
    for (let at = 0; ; ) {
      const end = header.batchEnd(bytes, at, bytes.length)
      if (end < 0 || !this.#options.wanted()) return next
      const after = header.lastOffset(bytes, at) + 1
      // The first batch may begin, or wholly lie, before the wanted offset.
      if (after > offset) await this.#batch(bytes, at, end)
      next = Math.max(next, after)
      at = end
    }
  }

  async #batch(bytes: Buffer, at: number, end: number): Promise<void> {
    const codecId = header.codecId(bytes, at)
    const stored = bytes.subarray(at + header.BATCH_HEADER_SIZE, end)
    const records = codecId === 0 ? undefined : await this.#options.compression.decompress(codecId, stored)
    if (!this.#options.wanted()) return
    const producerId = header.isTransactional(bytes, at) ? header.producerId(bytes, at) : -1
    const control = header.isControl(bytes, at)
    for (const record of readBatch(bytes, at, records)) {
      this.records++
      if (control) this.#marker(record.key, producerId)
      else this.#record(record.key, record.value, { position: record.offset, producerId })
    }
  }

  #record(key: Buffer | null, value: Buffer | null, origin: { position: number; producerId: number }): void {
    const entry = key === null ? null : this.#options.codec.decode(key, value)
    if (entry === null) this.unknownRecords++
    else this.#options.machine.apply(entry, origin)
  }

  /** Control key: int16 version, int16 type; 0 aborts, 1 commits, others are of no concern here. */
  #marker(key: Buffer | null, producerId: number): void {
    if (key === null || key.length < 4) return
    const type = key.readInt16BE(2)
    if (type === 0 || type === 1) this.#options.machine.applyMarker(producerId, type === 1)
  }
}
