import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../../../src/protocol/primitives.js'
import {
  buildBatch,
  buildTransactionMarker,
  type RecordInput,
} from '../../../src/protocol/records/batch-builder.js'
import * as header from '../../../src/protocol/records/batch-header.js'
import { readBatch, readBatches } from '../../../src/protocol/records/batch-reader.js'
import { crc32c } from '../../../src/protocol/records/crc32c.js'

const TWO_RECORDS =
  '0000000000000000000000450000000002d7bd8f470000000000010000018bcfe568000000018bcfe56805ffffffffffffffffffffffffffff0000000218000000026b027602026802780c000a02010100'
const COMMIT =
  '000000000000002a000000420000000002e909c2600030000000000000018bcfe568000000018bcfe568000000000000000fa00003ffffffff000000012000000008000000010c00000000000500'

const TIMESTAMP = 1_700_000_000_000

test('the documented batch of two records', () => {
  const records = [
    {
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      timestamp: TIMESTAMP,
      headers: [{ key: 'h', value: Buffer.from('x') }],
    },
    { key: null, value: null, timestamp: TIMESTAMP + 5 },
  ]
  const batch = buildBatch(records, { leaderEpoch: 0 })
  assert.equal(batch.toString('hex'), TWO_RECORDS)
  assert.deepEqual(
    [...readBatch(batch)],
    [
      { offset: 0, ...(records[0] as RecordInput) },
      { offset: 1, headers: [], ...(records[1] as RecordInput) },
    ],
  )
})

test('the documented commit marker, field by field', () => {
  const batch = buildTransactionMarker({
    ...{ baseOffset: 42, leaderEpoch: 0, producerId: 4000, producerEpoch: 3 },
    ...{ commit: true, coordinatorEpoch: 5, timestamp: TIMESTAMP },
  })
  assert.equal(batch.toString('hex'), COMMIT)
  const fields = {
    baseOffset: header.baseOffset(batch, 0),
    batchLength: header.batchLength(batch, 0),
    leaderEpoch: header.leaderEpoch(batch, 0),
    magic: header.magic(batch, 0),
    attributes: header.attributes(batch, 0),
    lastOffsetDelta: header.lastOffsetDelta(batch, 0),
    baseTimestamp: header.baseTimestamp(batch, 0),
    maxTimestamp: header.maxTimestamp(batch, 0),
    producerId: header.producerId(batch, 0),
    producerEpoch: header.producerEpoch(batch, 0),
    baseSequence: header.baseSequence(batch, 0),
    recordCount: header.recordCount(batch, 0),
  }
  assert.deepEqual(fields, {
    ...{ baseOffset: 42, batchLength: 66, leaderEpoch: 0, magic: 2, attributes: 0x30, lastOffsetDelta: 0 },
    ...{ baseTimestamp: TIMESTAMP, maxTimestamp: TIMESTAMP, producerId: 4000, producerEpoch: 3 },
    ...{ baseSequence: -1, recordCount: 1 },
  })
  assert.equal(header.crc(batch, 0), crc32c(batch, header.BatchField.attributes))
  assert.deepEqual([header.isControl(batch, 0), header.isTransactional(batch, 0)], [true, true])
  const abort = buildTransactionMarker({
    ...{ producerId: 4000, producerEpoch: 3, commit: false, coordinatorEpoch: 5, timestamp: TIMESTAMP },
  })
  assert.equal([...readBatch(abort)][0]?.key?.toString('hex'), '00000000')
})

const blob = fc.option(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)))
const record = fc.record({
  key: blob,
  value: blob,
  timestamp: fc.integer({ min: -1, max: 2 ** 48 }),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 9 }), value: blob }, { noNullPrototype: true }), {
    maxLength: 3,
  }),
})

test('reading undoes building, also over several batches with the last one cut short', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 8 }),
      fc.nat(2 ** 40),
      fc.nat(),
      (records, baseOffset, cut) => {
        const first = buildBatch(records, { baseOffset })
        const second = buildBatch(records, { baseOffset: baseOffset + records.length })
        const expected = records.map((each, index) => ({ offset: baseOffset + index, ...each }))
        assert.deepEqual([...readBatch(first)], expected)
        const cutShort = Buffer.concat([first, second.subarray(0, cut % second.length)])
        assert.deepEqual([...readBatches(cutShort)], expected)
        assert.equal([...readBatches(Buffer.concat([first, second]))].length, 2 * records.length)
      },
    ),
  )
})

test('offsets with gaps and log-append time', () => {
  const batch = buildBatch([{ key: null, value: null, timestamp: 1, offsetDelta: 4 }], { baseOffset: 100 })
  assert.deepEqual([header.lastOffset(batch, 0), [...readBatch(batch)][0]?.offset], [104, 104])
  batch.writeInt16BE(header.BatchAttribute.logAppendTime, header.BatchField.attributes)
  batch.writeBigInt64BE(999n, header.BatchField.maxTimestamp)
  assert.equal([...readBatch(batch)][0]?.timestamp, 999)
})

test('damaged batches are refused cleanly', () => {
  const intact = Buffer.from(TWO_RECORDS, 'hex')
  fc.assert(
    fc.property(fc.nat(intact.length - 1), fc.nat(255), fc.nat(intact.length), (at, value, length) => {
      const damaged = Buffer.from(intact.subarray(0, length))
      if (at < damaged.length) damaged[at] = value
      try {
        assert.ok([...readBatch(damaged)].length <= 2)
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
  assert.throws(() => buildBatch([]), RangeError)
  assert.equal(header.batchEnd(intact, 0, intact.length - 1), -1)
  const tooSmall = Buffer.from(intact)
  tooSmall.writeInt32BE(-1, header.BatchField.batchLength)
  assert.equal(header.batchEnd(tooSmall, 0, tooSmall.length), -1)
})

test('a compressed batch is read from what the caller decompressed', () => {
  const batch = Buffer.from(TWO_RECORDS, 'hex')
  const records = batch.subarray(header.BATCH_HEADER_SIZE)
  batch.writeInt16BE(4, header.BatchField.attributes)
  assert.equal(header.codecId(batch, 0), 4)
  assert.throws(() => [...readBatch(batch)], { code: 'INVALID_RECORD' })
  assert.equal([...readBatch(batch, 0, records)].length, 2)
})

test('a header int64 outside the safe range is clamped', () => {
  const batch = Buffer.alloc(header.BATCH_HEADER_SIZE, 0xff)
  batch.writeBigInt64BE(2n ** 63n - 1n, header.BatchField.producerId)
  batch.writeBigInt64BE(-(2n ** 63n), header.BatchField.baseTimestamp)
  assert.equal(header.producerId(batch, 0), Number.MAX_SAFE_INTEGER)
  assert.equal(header.baseTimestamp(batch, 0), Number.MIN_SAFE_INTEGER)
  assert.equal(header.baseOffset(batch, 0), -1)
})
