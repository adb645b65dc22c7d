import { ByteReader, underflow } from './byte-reader.js'
import { MESSAGE_ELEMENTS_MAX, STRING_BYTES_MAX } from './limits.js'
import { ProtocolError } from './protocol-error.js'
import { readString } from './string-cache.js'
import { readUuid } from './uuid-text.js'

export { UNSET_UUID } from './uuid-text.js'

/** Where record bytes stand in the reader's buffer; valid as long as the buffer holds the frame. */
export type RecordsRange = { position: number; length: number }

/**
 * Reads primitives from one frame inside a long-lived buffer. One instance serves frame after frame through
 * `reset`, which allocates nothing while the buffer stays the same. Every length and count is compared with
 * the bytes that remain before anything is allocated for it. After a thrown ProtocolError the position is
 * meaningless until the next `reset`.
 */
export class Reader extends ByteReader {
  private elementsLeft = MESSAGE_ELEMENTS_MAX

  constructor(buffer?: Buffer) {
    super()
    if (buffer !== undefined) this.reset(buffer, 0, buffer.length)
  }

  override reset(buffer: Buffer, start: number, end: number): this {
    this.elementsLeft = MESSAGE_ELEMENTS_MAX
    return super.reset(buffer, start, end)
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

function absent(length: number): null {
  if (length !== -1) throw new ProtocolError('INVALID_LENGTH', `negative length ${length}`)
  return null
}

function unexpectedNull(type: string): never {
  throw new ProtocolError('UNEXPECTED_NULL', `null ${type} where the version allows none`)
}
