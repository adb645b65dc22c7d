import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MESSAGE_ELEMENTS_MAX } from '../../src/protocol/limits.js'
import { ProtocolError, Reader, UNSET_UUID, Writer } from '../../src/protocol/primitives.js'

const readerOf = (hex: string): Reader => new Reader(Buffer.from(hex, 'hex'))

function written(write: (writer: Writer) => void): string {
  const writer = new Writer(1).reset()
  write(writer)
  return writer.bytesWritten().toString('hex')
}

function refused(code: ProtocolError['code'], read: () => unknown): void {
  assert.throws(read, (error) => error instanceof ProtocolError && error.code === code)
}

test('int64 is exact over the whole safe range and beyond it knows only the sentinels', () => {
  const safe = fc.integer({ min: Number.MIN_SAFE_INTEGER + 1, max: Number.MAX_SAFE_INTEGER - 1 })
  fc.assert(
    fc.property(safe, (value) => {
      const expected = Buffer.alloc(8)
      expected.writeBigInt64BE(BigInt(value))
      assert.equal(
        written((writer) => writer.int64(value)),
        expected.toString('hex'),
      )
      assert.equal(new Reader(expected).int64(), value)
    }),
  )
  assert.equal(readerOf('7fffffffffffffff').int64(), Number.MAX_SAFE_INTEGER)
  assert.equal(readerOf('8000000000000000').int64(), Number.MIN_SAFE_INTEGER)
  assert.equal(
    written((writer) => writer.int64(Number.MAX_SAFE_INTEGER)),
    '7fffffffffffffff',
  )
  assert.equal(
    written((writer) => writer.int64(Number.MIN_SAFE_INTEGER)),
    '8000000000000000',
  )
  for (const hex of ['0020000000000000', 'ffe0000000000000', '7ffffffffffffffe', '8000000000000001']) {
    refused('UNSAFE_INTEGER', () => readerOf(hex).int64())
  }
  for (const value of [2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY]) {
    refused('UNSAFE_INTEGER', () => new Writer().reset().int64(value))
  }
})

test('unsigned varints take up to five bytes and no more than 32 bits', () => {
  const vectors = [
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [0xffffffff, 'ffffffff0f'],
  ] as const
  for (const [value, hex] of vectors) {
    assert.equal(
      written((writer) => writer.uvarint(value)),
      hex,
    )
    assert.equal(readerOf(hex).uvarint(), value)
  }
  refused('INVALID_VARINT', () => readerOf('ffffffff1f').uvarint())
  refused('INVALID_VARINT', () => readerOf('808080808001').uvarint())
  refused('UNDERFLOW', () => readerOf('8080').uvarint())
})

test('strings in both encodings, null and not', () => {
  assert.equal(readerOf('00026869').string(), 'hi')
  assert.equal(readerOf('036869').compactString(), 'hi')
  assert.equal(readerOf('ffff').nullableString(), null)
  assert.equal(readerOf('00').compactNullableString(), null)
  refused('UNEXPECTED_NULL', () => readerOf('ffff').string())
  refused('UNEXPECTED_NULL', () => readerOf('00').compactString())
  refused('INVALID_LENGTH', () => readerOf('fffe').nullableString())
  refused('UNDERFLOW', () => readerOf('000368').string())
  refused('STRING_TOO_LONG', () => readerOf('818002').compactString())
  refused('STRING_TOO_LONG', () => new Writer().reset().string('x'.repeat(0x8000)))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const hex = written((writer) => {
        writer.string(text)
        writer.compactString(text)
      })
      const reader = readerOf(hex)
      assert.deepEqual([reader.string(), reader.compactString(), reader.remaining], [text, text, 0])
    }),
  )
})

test('equal text read twice is right even when cache slots collide', () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `topic-${index}`)
  for (const text of [...texts, ...texts.toReversed()]) {
    const bytes = Buffer.from(
      `00${Buffer.from([text.length]).toString('hex')}${Buffer.from(text).toString('hex')}`,
      'hex',
    )
    assert.equal(new Reader(bytes).string(), text)
  }
})

test('uuids are 22 characters of url-safe base64', () => {
  assert.equal(readerOf('00'.repeat(16)).uuid(), UNSET_UUID)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const text = new Reader(Buffer.from(bytes)).uuid()
      assert.equal(text, Buffer.from(bytes).toString('base64url'))
      assert.equal(
        written((writer) => writer.uuid(text)),
        Buffer.from(bytes).toString('hex'),
      )
    }),
  )
  for (const text of [
    '',
    'AAAA',
    `${UNSET_UUID}A`,
    '!'.repeat(22),
    `${UNSET_UUID.slice(1)}B`,
    'é'.repeat(22),
  ]) {
    refused('INVALID_UUID', () => new Writer().reset().uuid(text))
  }
})

test('bytes are copied out of the frame, records stay in it', () => {
  const frame = Buffer.from('000000020102000000020304', 'hex')
  const reader = new Reader(frame)
  const copy = reader.bytes()
  const records = reader.records()
  frame.fill(0)
  assert.deepEqual(copy, Buffer.from([1, 2]))
  assert.deepEqual(records, { position: 10, length: 2 })
})

test('a count or length beyond the frame is refused before anything is allocated for it', () => {
  refused('UNDERFLOW', () => readerOf('7fffffff00').arrayLength(1))
  refused('UNDERFLOW', () => readerOf('0000000200000000').arrayLength(4))
  refused('UNDERFLOW', () => readerOf('ffffffff0f').compactArrayLength(1))
  refused('UNDERFLOW', () => readerOf('7fffffff00').bytes())
  refused('UNDERFLOW', () => readerOf('ffffffff0f').compactNullableBytes())
  refused('UNDERFLOW', () => readerOf('7fffffff00').records())
  refused('UNDERFLOW', () => readerOf('ffffffff0f').skipTags())
  refused('UNDERFLOW', () => readerOf('0101ffffffff0f').skipTags())
  refused('INVALID_LENGTH', () => readerOf('fffffffe').arrayLength(1))
  refused('INVALID_LENGTH', () => readerOf('80000000').records())
})

test('the arrays of one message share a bounded number of elements', () => {
  const half = MESSAGE_ELEMENTS_MAX / 2 + 1
  const frame = Buffer.alloc(half + 8)
  frame.writeInt32BE(half, 0)
  frame.writeInt32BE(half, 4)
  const reader = new Reader(frame)
  assert.equal(reader.arrayLength(1), half)
  refused('TOO_MANY_ELEMENTS', () => reader.arrayLength(1))
  assert.equal(reader.reset(frame, 0, frame.length).arrayLength(1), half, 'a new frame starts a new count')
})

test('a reader never leaves its frame though the buffer goes on', () => {
  const reader = new Reader().reset(Buffer.alloc(100, 1), 10, 13)
  refused('UNDERFLOW', () => reader.int32())
  assert.equal(reader.int16(), 0x0101)
  assert.throws(() => reader.reset(Buffer.alloc(4), 2, 5), RangeError)
})

test('a writer over a region moves to the heap when it overflows and leaves the rest untouched', () => {
  const slab = Buffer.alloc(64, 0xee)
  const writer = new Writer().reset(slab, 8, 16)
  writer.int64(1)
  assert.equal(writer.overflowed, false)
  assert.equal(writer.buffer, slab)
  writer.int32(7)
  assert.equal(writer.overflowed, true)
  assert.equal(writer.bytesWritten().toString('hex'), '000000000000000100000007')
  assert.deepEqual(slab.subarray(16), Buffer.alloc(48, 0xee))
  writer.patchInt32(0, -1)
  assert.equal(writer.bytesWritten().toString('hex'), 'ffffffff0000000100000007')
  writer.reset(slab, 8, 16).int32(5)
  assert.deepEqual([writer.overflowed, writer.length, slab.readInt32BE(8)], [false, 4, 5])
})

test('records are written from a buffer, from the source, or as a slice the sender fills in', () => {
  const writer = new Writer().reset()
  writer.recordsSource = Buffer.from('00aabbcc', 'hex')
  writer.records(Buffer.from([1]))
  writer.compactRecords({ position: 1, length: 2 })
  writer.records({ slice: { log: 7, segment: 40, position: 2 ** 31 }, length: 1000 })
  writer.compactRecords(null)
  assert.equal(writer.bytesWritten().toString('hex'), '000000010103aabb000003e800')
  const { count, at, log, segment, position, length } = writer.slices
  const first = [at, log, segment, position, length].map((column) => column[0])
  assert.deepEqual([count, first], [1, [12, 7, 40, 2 ** 31, 1000]])
  assert.equal(writer.sliceBytes, 1000)
  assert.deepEqual([writer.reset().slices.count, writer.sliceBytes], [0, 0])
  assert.throws(() => writer.records({ position: 0, length: 1 }), TypeError)
})
