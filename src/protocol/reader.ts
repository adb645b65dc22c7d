import { MESSAGE_ELEMENTS_MAX, STRING_BYTES_MAX } from './limits.js'
import { ProtocolError } from './protocol-error.js'
import { readString, readUuid } from './text-cache.js'

/** The uuid that means "none": sixteen zero bytes. */
export const UNSET_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

/** Where record bytes stand in the reader's buffer; valid as long as the buffer holds the frame. */
export type RecordsRange = { position: number; length: number }

const TWO_32 = 2 ** 32

/**
 * Reads primitives from one frame inside a long-lived buffer. One instance serves frame after frame through
 * `reset`, which allocates nothing while the buffer stays the same. Every length and count is compared with
 * the bytes that remain before anything is allocated for it. After a thrown ProtocolError the position is
 * meaningless until the next `reset`.
 */
export class Reader {
  buffer: Buffer = Buffer.alloc(0)
  position = 0
  end = 0
  private view = new DataView(this.buffer.buffer, 0, 0)
  private elementsLeft = MESSAGE_ELEMENTS_MAX

  constructor(buffer?: Buffer) {
    if (buffer !== undefined) this.reset(buffer, 0, buffer.length)
  }

  reset(buffer: Buffer, start: number, end: number): this {
    if (buffer !== this.buffer) {
      this.buffer = buffer
      this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    }
    if (!(start >= 0 && start <= end && end <= buffer.length))
      throw new RangeError('frame outside the buffer')
    this.position = start
    this.end = end
    this.elementsLeft = MESSAGE_ELEMENTS_MAX
    return this
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** Advances over `size` bytes and returns where they start. */
  take(size: number): number {
    const at = this.position
    if (size > this.end - at) throw underflow(size, this.end - at)
    this.position = at + size
    return at
  }

  bool(): boolean {
    return this.buffer[this.take(1)] !== 0
  }

  int8(): number {
    return this.view.getInt8(this.take(1))
  }

  int16(): number {
    return this.view.getInt16(this.take(2))
  }

  uint16(): number {
    return this.view.getUint16(this.take(2))
  }

  int32(): number {
    return this.view.getInt32(this.take(4))
  }

  uint32(): number {
    return this.view.getUint32(this.take(4))
  }

  int64(): number {
    const at = this.take(8)
    const high = this.view.getInt32(at)
    const value = high * TWO_32 + this.view.getUint32(at + 4)
    return Number.isSafeInteger(value) ? value : sentinel(high, this.view.getUint32(at + 4))
  }

  float64(): number {
    return this.view.getFloat64(this.take(8))
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.buffer[this.take(1)] as number
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.buffer[this.take(1)] as number
    if (last > 0x0f) throw new ProtocolError('INVALID_VARINT', 'unsigned varint exceeds 32 bits')
    return (value | (last << 28)) >>> 0
  }

  uuid(): string {
    return readUuid(this.view, this.take(16))
  }

  string(): string {
    return this.text(this.int16()) ?? unexpectedNull('string')
  }

  nullableString(): string | null {
    return this.text(this.int16())
  }

  compactString(): string {
    return this.text(this.uvarint() - 1) ?? unexpectedNull('string')
  }

  compactNullableString(): string | null {
    return this.text(this.uvarint() - 1)
  }

  /** A copy, because such small control data outlives the frame. */
  bytes(): Buffer {
    return this.copy(this.int32()) ?? unexpectedNull('bytes')
  }

  nullableBytes(): Buffer | null {
    return this.copy(this.int32())
  }

  compactBytes(): Buffer {
    return this.copy(this.uvarint() - 1) ?? unexpectedNull('bytes')
  }

  compactNullableBytes(): Buffer | null {
    return this.copy(this.uvarint() - 1)
  }

  records(): RecordsRange | null {
    return this.range(this.int32())
  }

  compactRecords(): RecordsRange | null {
    return this.range(this.uvarint() - 1)
  }

  /** Element count, -1 for a null array; `elementSizeMin` is the least an element can take on the wire. */
  arrayLength(elementSizeMin: number): number {
    return this.admit(this.int32(), elementSizeMin)
  }

  compactArrayLength(elementSizeMin: number): number {
    return this.admit(this.uvarint() - 1, elementSizeMin)
  }

  /** Count of tagged fields that follow; each takes at least a tag and a size. */
  tagCount(): number {
    const count = this.uvarint()
    if (count * 2 > this.end - this.position) throw underflow(count * 2, this.end - this.position)
    return count
  }

  /** Narrows the frame to the next `size` bytes and returns the outer end for `leave`. */
  enter(size: number): number {
    const outer = this.end
    if (size > outer - this.position) throw underflow(size, outer - this.position)
    this.end = this.position + size
    return outer
  }

  leave(outer: number): void {
    if (this.position !== this.end) {
      throw new ProtocolError(
        'TAG_SIZE_MISMATCH',
        `tagged field has ${this.end - this.position} bytes too many`,
      )
    }
    this.end = outer
  }

  skipTags(): void {
    for (let count = this.tagCount(); count > 0; count--) {
      this.uvarint()
      this.take(this.uvarint())
    }
  }

  /** Generated decoders call it for a null array where the version allows none. */
  refuseNull(): never {
    return unexpectedNull('array')
  }

  private text(length: number): string | null {
    if (length < 0) return absent(length)
    if (length > STRING_BYTES_MAX) throw new ProtocolError('STRING_TOO_LONG', `string of ${length} bytes`)
    return readString(this.buffer, this.take(length), length)
  }

  private copy(length: number): Buffer | null {
    if (length < 0) return absent(length)
    const at = this.take(length)
    return Buffer.from(this.buffer.subarray(at, at + length))
  }

  private range(length: number): RecordsRange | null {
    if (length < 0) return absent(length)
    return { position: this.take(length), length }
  }

  private admit(count: number, elementSizeMin: number): number {
    if (count < 0) {
      absent(count)
      return -1
    }
    const size = count * elementSizeMin
    if (size > this.end - this.position) throw underflow(size, this.end - this.position)
    this.elementsLeft -= count
    if (this.elementsLeft < 0) {
      throw new ProtocolError('TOO_MANY_ELEMENTS', `more than ${MESSAGE_ELEMENTS_MAX} array elements`)
    }
    return count
  }
}

function sentinel(high: number, low: number): number {
  if (high === 0x7fffffff && low === 0xffffffff) return Number.MAX_SAFE_INTEGER
  if (high === -0x80000000 && low === 0) return Number.MIN_SAFE_INTEGER
  throw new ProtocolError('UNSAFE_INTEGER', 'int64 beyond 2^53')
}

function absent(length: number): null {
  if (length !== -1) throw new ProtocolError('INVALID_LENGTH', `negative length ${length}`)
  return null
}

function underflow(wanted: number, remaining: number): ProtocolError {
  return new ProtocolError('UNDERFLOW', `${wanted} bytes wanted, ${remaining} remain`)
}

function unexpectedNull(type: string): never {
  throw new ProtocolError('UNEXPECTED_NULL', `null ${type} where the version allows none`)
}
