import { STRING_BYTES_MAX, WRITER_KEEP_BYTES_MAX } from './limits.js'
import { ProtocolError } from './protocol-error.js'
import type { RecordsRange } from './reader.js'

/** Record bytes the sender supplies from elsewhere; only their length is written. */
export type RecordsSlice = { slice: unknown; length: number }

/** `at` counts from the start of the message: the slice belongs between the bytes before and after it. */
export type SlicePart = { at: number; slice: unknown; length: number }

/** A range is copied from `writer.recordsSource`. */
export type RecordsInput = Buffer | RecordsRange | RecordsSlice | null

const TWO_32 = 2 ** 32
const SHORT_TEXT_MAX = 48

/**
 * Writes primitives, either into a heap buffer it grows as needed or into a given region (`reset` with a
 * buffer). A message that outgrows its region moves to the heap with what was written so far and `overflowed`
 * turns true; the writer never writes past the region. Positions handed out are relative to the start of the
 * message, so they survive the move. `parts` stays empty unless a records field was given as a slice.
 */
export class Writer {
  buffer: Buffer
  start = 0
  position = 0
  overflowed = false
  recordsSource: Buffer | null = null
  readonly parts: SlicePart[] = []
  /** Sum of the slice lengths, to be added to the bytes written for the frame size. */
  sliceBytes = 0
  private end: number
  private view: DataView
  private heap: Buffer

  constructor(capacity = 4096) {
    this.heap = Buffer.allocUnsafeSlow(capacity)
    this.buffer = this.heap
    this.end = capacity
    this.view = viewOf(this.heap)
  }

  /** Starts the next message: in the own heap buffer, or in `buffer` from `start` up to `end`. */
  reset(buffer?: Buffer, start = 0, end = buffer?.length ?? 0): this {
    if (buffer === undefined) {
      if (this.heap.length > WRITER_KEEP_BYTES_MAX) this.heap = Buffer.allocUnsafeSlow(4096)
      this.adopt(this.heap, 0, this.heap.length)
    } else {
      if (!(start >= 0 && start <= end && end <= buffer.length))
        throw new RangeError('region outside the buffer')
      this.adopt(buffer, start, end)
    }
    this.position = this.start
    this.overflowed = false
    this.recordsSource = null
    this.parts.length = 0
    this.sliceBytes = 0
    return this
  }

  /** Bytes written since `reset`, slices not counted. */
  get length(): number {
    return this.position - this.start
  }

  /** The written bytes as a view; dead after the next `reset`. */
  bytesWritten(): Buffer {
    return this.buffer.subarray(this.start, this.position)
  }

  bool(value: boolean): void {
    const at = this.reserve(1)
    this.buffer[at] = value ? 1 : 0
  }

  int8(value: number): void {
    const at = this.reserve(1)
    this.view.setInt8(at, value)
  }

  int16(value: number): void {
    const at = this.reserve(2)
    this.view.setInt16(at, value)
  }

  uint16(value: number): void {
    const at = this.reserve(2)
    this.view.setUint16(at, value)
  }

  int32(value: number): void {
    const at = this.reserve(4)
    this.view.setInt32(at, value)
  }

  uint32(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value)
  }

  int64(value: number): void {
    const at = this.reserve(8)
    const high = Math.floor(value / TWO_32)
    if (high >= -0x1fffff && high < 0x1fffff) {
      this.view.setInt32(at, high)
      this.view.setUint32(at + 4, value - high * TWO_32)
    } else {
      this.outerInt64(at, value)
    }
  }

  float64(value: number): void {
    const at = this.reserve(8)
    this.view.setFloat64(at, value)
  }

  uvarint(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      const at = this.reserve(1)
      this.buffer[at] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    const at = this.reserve(1)
    this.buffer[at] = rest
  }

  uuid(value: string): void {
    const at = this.reserve(16)
    if (value.length !== 22 || this.buffer.write(value, at, 16, 'base64url') !== 16) {
      throw new ProtocolError('INVALID_UUID', 'a uuid is 22 characters of url-safe base64')
    }
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

  raw(value: Uint8Array): void {
    const at = this.reserve(value.length)
    this.buffer.set(value, at)
  }

  patchInt16(at: number, value: number): void {
    this.view.setInt16(this.start + at, value)
  }

  patchInt32(at: number, value: number): void {
    this.view.setInt32(this.start + at, value)
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
      this.parts.push({ at: this.length, slice: value.slice, length: value.length })
      this.sliceBytes += value.length
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

  private outerInt64(at: number, value: number): void {
    if (!Number.isSafeInteger(value))
      throw new ProtocolError('UNSAFE_INTEGER', `${value} is not a safe integer`)
    if (value === Number.MAX_SAFE_INTEGER) this.view.setBigInt64(at, 0x7fffffffffffffffn)
    else if (value === Number.MIN_SAFE_INTEGER) this.view.setBigInt64(at, -0x8000000000000000n)
    else this.view.setBigInt64(at, BigInt(value))
  }

  private reserve(size: number): number {
    if (size > this.end - this.position) this.grow(size)
    const at = this.position
    this.position = at + size
    return at
  }

  private grow(size: number): void {
    const written = this.length
    const larger = Buffer.allocUnsafeSlow(Math.max(4096, 2 * (written + size)))
    this.buffer.copy(larger, 0, this.start, this.position)
    if (this.buffer !== this.heap) this.overflowed = true
    this.heap = larger
    this.adopt(larger, 0, larger.length)
    this.position = written
  }

  private adopt(buffer: Buffer, start: number, end: number): void {
    if (buffer !== this.buffer) {
      this.buffer = buffer
      this.view = viewOf(buffer)
    }
    this.start = start
    this.end = end
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

function uvarintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest >>>= 7) size++
  return size
}
