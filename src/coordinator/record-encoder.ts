import { Writer } from '../protocol/writer.js'
import { RECORD_OVERHEAD_BYTES_MAX } from './limits.js'
import type { EntryCodec } from './state-machine.js'

/**
 * Key and value of one entry, side by side in a buffer that the next entry overwrites. One instance serves all
 * shards: an entry is encoded and copied into its batch in one step that nothing can interrupt.
 */
export class RecordEncoder {
  keyBytes = 0
  /** -1 for a tombstone. */
  valueBytes = 0
  readonly #writer = new Writer(4096)

  encode<Entry>(codec: EntryCodec<Entry>, entry: Entry): this {
    const writer = this.#writer.reset()
    codec.writeKey(entry, writer)
    this.keyBytes = writer.length
    this.valueBytes = codec.writeValue(entry, writer) ? writer.length - this.keyBytes : -1
    return this
  }

  /** An upper bound of what the record takes in a batch. */
  get recordBytesMax(): number {
    return this.#writer.length + RECORD_OVERHEAD_BYTES_MAX
  }

  copyKey(target: Buffer, at: number): number {
    const { buffer, start } = this.#writer
    return at + buffer.copy(target, at, start, start + this.keyBytes)
  }

  copyValue(target: Buffer, at: number): number {
    const { buffer, start, length } = this.#writer
    return at + buffer.copy(target, at, start + this.keyBytes, start + length)
  }
}

/** The two buffers a record is made of, for those who need them apart. */
export function encodeEntry<Entry>(
  codec: EntryCodec<Entry>,
  entry: Entry,
): { key: Buffer; value: Buffer | null } {
  const encoder = new RecordEncoder().encode(codec, entry)
  const key = Buffer.alloc(encoder.keyBytes)
  encoder.copyKey(key, 0)
  if (encoder.valueBytes < 0) return { key, value: null }
  const value = Buffer.alloc(encoder.valueBytes)
  encoder.copyValue(value, 0)
  return { key, value }
}
