import { ByteWriter } from './byte-writer.js'
import { STRING_BYTES_MAX } from './limits.js'
import { ProtocolError } from './protocol-error.js'
import type { RecordsRange } from './reader.js'
import { type FileRange, SliceParts } from './slice-parts.js'
import { writeUuid } from './uuid-text.js'

/** Record bytes the sender supplies from a file; only their length is written. */
export type RecordsSlice = { slice: FileRange; length: number }

/** A range is copied from `writer.recordsSource`. */
export type RecordsInput = Buffer | RecordsRange | RecordsSlice | null

const SHORT_TEXT_MAX = 48

/**
 * Writes primitives, either into a heap buffer it grows as needed or into a given region (`reset` with a
 * buffer). A message that outgrows its region moves to the heap with what was written so far and `overflowed`
 * turns true; the writer never writes past the region. Positions handed out are relative to the start of the
 * message, so they survive the move. `slices` stays empty unless a records field was given as a slice.
 */
export class Writer extends ByteWriter {
  recordsSource: Buffer | null = null
  readonly slices = new SliceParts()
  /** Sum of the slice lengths, to be added to the bytes written for the frame size. */
  sliceBytes = 0

  override reset(buffer?: Buffer, start?: number, end?: number): this {
    this.recordsSource = null
    this.slices.count = 0
    this.sliceBytes = 0
    return super.reset(buffer, start, end)
  }

  uuid(value: string): void {
    const at = this.reserve(16)
    writeUuid(this.buffer, at, value)
  }

  string(value: string): void {
    const at = this.length
    this.int16(0)
    this.patchInt16(at, this.text(value))
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1)
    else this.string(value)
  }

  compactString(value: string): void {
    // Up to 126 bytes the prefix is one byte, patched after the text; a UTF-16 unit takes at most three bytes.
    if (value.length > 42) {
      this.uvarint(Buffer.byteLength(value) + 1)
      this.text(value)
      return
    }
    const at = this.length
    this.int8(0)
    const size = this.text(value)
    this.buffer[this.start + at] = size + 1
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.uvarint(0)
    else this.compactString(value)
  }

  bytes(value: Buffer): void {
    this.int32(value.length)
    this.raw(value)
  }

  nullableBytes(value: Buffer | null): void {
    if (value === null) this.int32(-1)
    else this.bytes(value)
  }

  compactBytes(value: Buffer): void {
    this.uvarint(value.length + 1)
    this.raw(value)
  }

  compactNullableBytes(value: Buffer | null): void {
    if (value === null) this.uvarint(0)
    else this.compactBytes(value)
  }

  records(value: RecordsInput): void {
    this.int32(value === null ? -1 : value.length)
    if (value !== null) this.recordBytes(value)
  }

  compactRecords(value: RecordsInput): void {
    this.uvarint(value === null ? 0 : value.length + 1)
    if (value !== null) this.recordBytes(value)
  }

  /** The bytes of a records field whose length is written, from a file. */
  slice(log: number, segment: number, position: number, length: number): void {
    this.slices.add(this.length, log, segment, position, length)
    this.sliceBytes += length
  }

  /** Opens a tagged field; `endTag` takes the returned mark and fills in the size. */
  beginTag(tag: number): number {
    this.uvarint(tag)
    this.int8(0)
    return this.length
  }

  endTag(mark: number): void {
    const size = this.length - mark
    if (size > 0x7f) {
      const wider = uvarintSize(size) - 1
      this.reserve(wider)
      const from = this.start + mark
      this.buffer.copyWithin(from + wider, from, from + size)
      this.position = from - 1
      this.uvarint(size)
      this.position += size
    } else {
      this.buffer[this.start + mark - 1] = size
    }
  }

  private recordBytes(value: Buffer | RecordsRange | RecordsSlice): void {
    if (value instanceof Uint8Array) {
      this.raw(value)
    } else if ('slice' in value) {
      const { log, segment, position } = value.slice
      this.slice(log, segment, position, value.length)
    } else {
      if (this.recordsSource === null) throw new TypeError('a records range needs writer.recordsSource')
      this.raw(this.recordsSource.subarray(value.position, value.position + value.length))
    }
  }

  /** Writes UTF-8 and returns its size. Short ASCII, the usual case, is faster byte by byte than by a call. */
  private text(value: string): number {
    const units = value.length
    if (units <= SHORT_TEXT_MAX) {
      const at = this.reserve(units)
      let i = 0
      for (; i < units; i++) {
        const unit = value.charCodeAt(i)
        if (unit > 0x7f) break
        this.buffer[at + i] = unit
      }
      if (i === units) return units
      this.position -= units
    }
    const size = Buffer.byteLength(value)
    if (size > STRING_BYTES_MAX) throw new ProtocolError('STRING_TOO_LONG', `string of ${size} bytes`)
    const at = this.reserve(size)
    this.buffer.write(value, at, size, 'utf8')
    return size
  }
}

function uvarintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest >>>= 7) size++
  return size
}
