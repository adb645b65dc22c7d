import { ProtocolError } from '../protocol-error.js'

/*
 * Signed varints of the record format: zigzag (0, -1, 1, -2, ... become 0, 1, 2, 3, ...), then seven bits per
 * byte, low group first. A varint holds 32 bits in at most 5 bytes, a varlong 64 bits in at most 10; a varlong
 * beyond 2^53 is refused, for no honest timestamp or size needs it.
 */
export class VarintReader {
  position = 0
  end = 0
  buffer: Buffer = Buffer.alloc(0)

  reset(buffer: Buffer, start: number, end: number): this {
    this.buffer = buffer
    this.position = start
    this.end = end
    return this
  }

  byte(): number {
    if (this.position >= this.end) throw new ProtocolError('UNDERFLOW', 'varint beyond the end')
    return this.buffer[this.position++] as number
  }

  varint(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    const last = this.byte()
    if (last > 0x0f) throw new ProtocolError('INVALID_VARINT', 'varint exceeds 32 bits')
    value |= last << 28
    return (value >>> 1) ^ -(value & 1)
  }

  varlong(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return unzigzag(value)
      scale *= 128
    }
    throw new ProtocolError('INVALID_VARINT', 'varlong exceeds 64 bits')
  }
}

/** Writes at `at`, which must have 5 bytes of room, and returns the position after. */
export function writeVarint(buffer: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let position = at
  for (; rest > 0x7f; rest >>>= 7) buffer[position++] = (rest & 0x7f) | 0x80
  buffer[position++] = rest
  return position
}

/** Writes at `at`, which must have 8 bytes of room, and returns the position after. */
export function writeVarlong(buffer: Buffer, at: number, value: number): number {
  let rest = zigzag(value)
  let position = at
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) buffer[position++] = (rest % 128) | 0x80
  buffer[position++] = rest
  return position
}

export function varintSize(value: number): number {
  return bytesFor(((value << 1) ^ (value >> 31)) >>> 0)
}

export function varlongSize(value: number): number {
  return bytesFor(zigzag(value))
}

/** Half of the safe range, so that the doubled value stays exact: the year 140,000 in milliseconds. */
const VARLONG_MAX = 2 ** 52 - 1

function zigzag(value: number): number {
  if (!Number.isInteger(value) || Math.abs(value) > VARLONG_MAX) {
    throw new ProtocolError('UNSAFE_INTEGER', `${value} does not fit a varlong here`)
  }
  return value >= 0 ? value * 2 : -value * 2 - 1
}

function unzigzag(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) throw new ProtocolError('UNSAFE_INTEGER', 'varlong beyond 2^53')
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

function bytesFor(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++
  return size
}
