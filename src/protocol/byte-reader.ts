import { ProtocolError } from './protocol-error.js'

const TWO_32 = 2 ** 32

/** Fixed-size values and varints of one frame; the part of `Reader` that knows no length prefixes. */
export class ByteReader {
  buffer: Buffer = Buffer.alloc(0)
  position = 0
  end = 0
  protected view = new DataView(this.buffer.buffer, 0, 0)

  reset(buffer: Buffer, start: number, end: number): this {
    if (buffer !== this.buffer) {
      this.buffer = buffer
      this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    }
    if (!(start >= 0 && start <= end && end <= buffer.length))
      throw new RangeError('frame outside the buffer')
    this.position = start
    this.end = end
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

  bits64(): bigint {
    return this.view.getBigInt64(this.take(8))
  }

  float64(): number {
    return this.view.getFloat64(this.take(8))
  }

  uvarint(): number {
    const at = this.position
    if (at < this.end) {
      const byte = this.buffer[at] as number
      if (byte < 0x80) {
        this.position = at + 1
        return byte
      }
    }
    return this.longUvarint()
  }

  private longUvarint(): number {
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
}

export function underflow(wanted: number, remaining: number): ProtocolError {
  return new ProtocolError('UNDERFLOW', `${wanted} bytes wanted, ${remaining} remain`)
}

function sentinel(high: number, low: number): number {
  if (high === 0x7fffffff && low === 0xffffffff) return Number.MAX_SAFE_INTEGER
  if (high === -0x80000000 && low === 0) return Number.MIN_SAFE_INTEGER
  throw new ProtocolError('UNSAFE_INTEGER', 'int64 beyond 2^53')
}
