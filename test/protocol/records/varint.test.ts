import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c } from '../../../src/protocol/records/crc32c.js'
import {
  VarintReader,
  varintSize,
  varlongSize,
  writeVarint,
  writeVarlong,
} from '../../../src/protocol/records/varint.js'

const buffer = Buffer.alloc(16)
const readerOf = (bytes: Buffer): VarintReader => new VarintReader().reset(bytes, 0, bytes.length)

test('zigzag vectors', () => {
  const vectors = [
    ...([
      [0, '00'],
      [-1, '01'],
      [1, '02'],
      [63, '7e'],
      [64, '8001'],
      [-64, '7f'],
      [-65, '8101'],
    ] as const),
    ...([
      [300, 'd804'],
      [2 ** 31 - 1, 'feffffff0f'],
      [-(2 ** 31), 'ffffffff0f'],
    ] as const),
  ]
  for (const [value, hex] of vectors) {
    const int = buffer.subarray(0, writeVarint(buffer, 0, value))
    assert.equal(int.toString('hex'), hex)
    assert.equal(varintSize(value), int.length)
    assert.equal(readerOf(Buffer.from(hex, 'hex')).varint(), value)
    const long = buffer.subarray(0, writeVarlong(buffer, 0, value))
    assert.equal(long.toString('hex'), hex)
    assert.equal(varlongSize(value), long.length)
    assert.equal(readerOf(Buffer.from(hex, 'hex')).varlong(), value)
  }
})

test('varlongs are exact up to 2^52 and refused beyond 2^53', () => {
  const bound = 2 ** 52 - 1
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: -bound, max: bound }), fc.constantFrom(bound, -bound)),
      (value) => {
        const bytes = buffer.subarray(0, writeVarlong(buffer, 0, value))
        assert.equal(readerOf(bytes).varlong(), value)
        assert.equal(varlongSize(value), bytes.length)
      },
    ),
  )
  assert.throws(() => writeVarlong(buffer, 0, 2 ** 52), { code: 'UNSAFE_INTEGER' })
  assert.throws(() => readerOf(Buffer.from('ffffffffffffffffff01', 'hex')).varlong(), {
    code: 'UNSAFE_INTEGER',
  })
})

test('varints too long or cut short are refused', () => {
  assert.throws(() => readerOf(Buffer.from('ffffffff1f', 'hex')).varint(), { code: 'INVALID_VARINT' })
  assert.throws(() => readerOf(Buffer.from('80808080808080808080808001', 'hex')).varlong(), {
    code: 'INVALID_VARINT',
  })
  assert.throws(() => readerOf(Buffer.from('80', 'hex')).varint(), { code: 'UNDERFLOW' })
  assert.throws(() => readerOf(Buffer.alloc(0)).varlong(), { code: 'UNDERFLOW' })
})

test('CRC-32C check value, at any alignment and in pieces', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  assert.equal(crc32c(Buffer.alloc(0)), 0)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const at = Math.min(cut, bytes.length)
      assert.equal(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at)), crc32c(bytes))
      const shifted = Buffer.concat([Buffer.alloc(3), bytes])
      assert.equal(crc32c(shifted, 3), crc32c(bytes))
      assert.equal(crc32c(bytes), bitwise(bytes))
    }),
  )
})

function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}
