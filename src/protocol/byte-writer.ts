import { WRITER_KEEP_BYTES_MAX } from './limits.js'
import { ProtocolError } from './protocol-error.js'

const TWO_32 = 2 ** 32

/** Fixed-size values, varints and the buffer under them; the part of `Writer` that knows no length prefixes. */
export class ByteWriter {
  buffer: Buffer
  start = 0
  position = 0
  overflowed = false
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

  bits64(value: bigint): void {
    const at = this.reserve(8)
    this.view.setBigInt64(at, value)
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

  protected reserve(size: number): number {
    if (size > this.end - this.position) this.grow(size)
    const at = this.position
    this.position = at + size
    return at
  }

  private outerInt64(at: number, value: number): void {
    if (!Number.isSafeInteger(value))
      throw new ProtocolError('UNSAFE_INTEGER', `${value} is not a safe integer`)
    if (value === Number.MAX_SAFE_INTEGER) this.view.setBigInt64(at, 0x7fffffffffffffffn)
    else if (value === Number.MIN_SAFE_INTEGER) this.view.setBigInt64(at, -0x8000000000000000n)
    else this.view.setBigInt64(at, BigInt(value))
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
