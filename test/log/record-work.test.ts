// Batches whose records are looked at: keys, timestamps, compression; order with the plain ones around them.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compress, decompress } from '../../src/codec/codec.js'
import { replaceRecords } from '../../src/log/restamp.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { readBatch } from '../../src/protocol/records/batch-reader.js'
import { crc32c } from '../../src/protocol/records/crc32c.js'
import { batchOf, World } from '../sim/world.js'

const NOW = 1_700_000_000_000
const HOUR = 3_600_000

async function gzipped(batch: Buffer): Promise<Buffer> {
  return replaceRecords(batch, await compress(1, batch.subarray(header.BATCH_HEADER_SIZE)), 1)
}

async function opened(config: object) {
  const world = await World.start({ auto: true })
  return { world, partition: await world.open('orders', { config }) }
}

describe('timestamps outside the window', () => {
  test('name the records at fault', async () => {
    const { world, partition } = await opened({})
    const record = (timestamp: number) => ({ key: null, value: null, timestamp })
    const batch = await gzipped(buildBatch([record(NOW), record(NOW + HOUR + 1), record(NOW + HOUR)]))
    const answer = await world.produce(partition, batch).deferred
    assert.equal(answer?.errorCode, ErrorCode.INVALID_TIMESTAMP)
    assert.deepEqual(
      answer?.recordErrors.map(({ batchIndex }) => batchIndex),
      [1],
    )
    assert.deepEqual([answer?.baseOffset, answer?.logStartOffset, partition.nextOffset()], [-1, 0, 0])
  })

  test('too old', async () => {
    const { world, partition } = await opened({ messageTimestampBeforeMaxMs: HOUR })
    const answer = await world.produce(partition, batchOf(['a'], { timestamp: NOW - HOUR - 1 })).deferred
    assert.equal(answer?.errorCode, ErrorCode.INVALID_TIMESTAMP)
    assert.equal(world.produce(partition, batchOf(['a'], { timestamp: NOW - HOUR })).deferred, null)
  })

  test('an undated batch has none', async () => {
    const { world, partition } = await opened({ messageTimestampBeforeMaxMs: HOUR })
    assert.equal(world.produce(partition, batchOf(['a'], { timestamp: -1 })).deferred, null)
  })
})

describe('compression.type', () => {
  for (const [compressionType, id] of [
    ['gzip', 1],
    ['snappy', 2],
    ['lz4', 3],
    ['zstd', 4],
    ['uncompressed', 0],
  ] as const) {
    test(`${compressionType}: stored so, same records, right CRC`, async () => {
      const { world, partition } = await opened({ compressionType })
      const plain = batchOf(['a', 'b', 'c'])
      const sent = id === 0 ? await gzipped(plain) : plain
      const answer = await world.produce(partition, sent).deferred
      assert.deepEqual([answer?.errorCode, answer?.baseOffset], [0, 0])
      const stored = await partition.readBytes(0, 1 << 20)
      assert.equal(header.codecId(stored, 0), id)
      assert.equal(header.crc(stored, 0), crc32c(stored, header.BatchField.attributes))
      const body = await decompress(id, stored.subarray(header.BATCH_HEADER_SIZE), 1 << 20)
      assert.deepEqual(
        [...readBatch(stored, 0, body)].map(({ value }) => value?.toString()),
        ['a', 'b', 'c'],
      )
    })
  }

  test('that of the producer takes the plain path', async () => {
    const { world, partition } = await opened({ compressionType: 'gzip' })
    const out = world.produce(partition, await gzipped(batchOf(['a'])))
    assert.deepEqual([out.deferred, out.submitted], [null, true])
  })

  test('a batch that no longer fits is refused', async () => {
    const plain = batchOf(['x'.repeat(10_000)])
    const sent = await gzipped(plain)
    const { world, partition } = await opened({
      compressionType: 'uncompressed',
      maxMessageBytes: sent.length,
    })
    assert.equal((await world.produce(partition, sent).deferred)?.errorCode, ErrorCode.MESSAGE_TOO_LARGE)
  })
})

describe('malformed records', () => {
  test('garbage behind a right CRC is refused, compressed or not', async () => {
    const { world, partition } = await opened({ cleanupPolicy: new Set(['compact'] as const) })
    for (const codec of [0, 1, 2, 3, 4]) {
      const batch = replaceRecords(batchOf(['a']), Buffer.from('not records at all'), codec)
      assert.equal((await world.produce(partition, batch).deferred)?.errorCode, ErrorCode.INVALID_RECORD)
    }
    assert.equal(partition.nextOffset(), 0)
  })
})

describe('order', () => {
  test('plain batches wait behind one whose records are checked, sequences and retries included', async () => {
    const { world, partition } = await opened({ compressionType: 'gzip' })
    const claim = (sequence: number) => ({ producerId: 1, producerEpoch: 0, baseSequence: sequence })
    const slow = world.produce(partition, batchOf(['a'], claim(0)))
    const quick = world.produce(partition, await gzipped(batchOf(['b'], claim(1))))
    const retry = world.produce(partition, batchOf(['a'], claim(0)))
    const answers = await Promise.all([
      slow.deferred,
      quick.deferred ?? Promise.resolve(quick),
      retry.deferred,
    ])
    assert.deepEqual(
      answers.map((answer) => [answer?.errorCode, answer?.baseOffset]),
      [
        [0, 0],
        [0, 1],
        [0, 0],
      ],
    )
    assert.equal(partition.recordWork, null)
  })

  test('too many waiting are refused with a retriable error, the others are taken', async () => {
    const { world, partition } = await opened({ cleanupPolicy: new Set(['compact'] as const) })
    const outs = Array.from({ length: 130 }, () => world.produce(partition, batchOf(['a'])))
    const answers = await Promise.all(outs.map(({ deferred }) => deferred))
    const codes = answers.map((answer) => answer?.errorCode)
    assert.equal(codes.filter((code) => code === 0).length, 128)
    assert.deepEqual(codes.slice(128), [ErrorCode.REQUEST_TIMED_OUT, ErrorCode.REQUEST_TIMED_OUT])
    assert.equal(partition.logEndOffset, 128)
  })

  test('a write that fails is reported', async () => {
    const { world, partition } = await opened({ cleanupPolicy: new Set(['compact'] as const) })
    world.engine.failWrites('EIO')
    assert.equal(
      (await world.produce(partition, batchOf(['a'])).deferred)?.errorCode,
      ErrorCode.KAFKA_STORAGE_ERROR,
    )
  })
})
