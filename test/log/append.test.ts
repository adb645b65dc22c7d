// Every way a client's batch can be refused, with Kafka's code, and what acceptance stores.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppendOutcome } from '../../src/log/append-result.js'
import { FrameVerdict } from '../../src/native/engine.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { crc32c } from '../../src/protocol/records/crc32c.js'
import { batchOf, settled, World } from '../sim/world.js'

const { BatchField } = header

/** Changes a field and makes the CRC right again. */
function edited(batch: Buffer, edit: (batch: Buffer) => void): Buffer {
  edit(batch)
  batch.writeUInt32BE(crc32c(batch, BatchField.attributes), BatchField.crc)
  return batch
}

async function refusalOf(
  batch: Buffer,
  settings: { apiVersion?: number; acks?: number; config?: object; verdict?: number } = {},
): Promise<Pick<AppendOutcome, 'errorCode' | 'baseOffset' | 'submitted'> & { end: number }> {
  const world = await World.start()
  const partition = await world.open('orders', { config: settings.config ?? {} })
  const out = world.produce(partition, batch, settings)
  const { errorCode, baseOffset, submitted } =
    out.deferred === null ? out : { ...out, ...(await out.deferred) }
  world.engine.run()
  return { errorCode, baseOffset, submitted, end: partition.logEndOffset }
}

const refused = (errorCode: number) => ({ errorCode, baseOffset: -1, submitted: false, end: 0 })

describe('a refused batch', () => {
  test('nothing at all', async () => {
    assert.deepEqual(await refusalOf(Buffer.alloc(0)), refused(ErrorCode.INVALID_RECORD))
  })

  test('cut short', async () => {
    const batch = batchOf(['a', 'b'])
    for (const length of [1, 16, 17, 60, batch.length - 1]) {
      assert.deepEqual(await refusalOf(batch.subarray(0, length)), refused(ErrorCode.INVALID_RECORD))
    }
  })

  test('a size no batch can have', async () => {
    const batch = batchOf(['a'])
    batch.writeInt32BE(13, BatchField.batchLength)
    assert.deepEqual(await refusalOf(batch), refused(ErrorCode.CORRUPT_MESSAGE))
    const short = batchOf(['a']).subarray(0, 40)
    short.writeInt32BE(28, BatchField.batchLength)
    assert.deepEqual(await refusalOf(short), refused(ErrorCode.CORRUPT_MESSAGE))
  })

  test('another magic', async () => {
    for (const [magic, code] of [
      [0, ErrorCode.INVALID_RECORD],
      [1, ErrorCode.INVALID_RECORD],
      [3, ErrorCode.CORRUPT_MESSAGE],
      [-1, ErrorCode.CORRUPT_MESSAGE],
    ] as const) {
      const batch = batchOf(['a'])
      batch.writeInt8(magic, BatchField.magic)
      assert.deepEqual(await refusalOf(batch), refused(code))
    }
  })

  test('two batches', async () => {
    const two = Buffer.concat([batchOf(['a']), batchOf(['b'])])
    assert.deepEqual(await refusalOf(two), refused(ErrorCode.INVALID_RECORD))
  })

  test('a wrong CRC, also when a batch of the frame was found wrong by the reactor', async () => {
    const batch = batchOf(['a'])
    batch[batch.length - 1] = (batch[batch.length - 1] as number) ^ 1
    assert.deepEqual(await refusalOf(batch), refused(ErrorCode.CORRUPT_MESSAGE))
    assert.deepEqual(
      await refusalOf(batch, { verdict: FrameVerdict.Unchecked }),
      refused(ErrorCode.CORRUPT_MESSAGE),
    )
  })

  test('a base offset', async () => {
    const batch = batchOf(['a'], { baseOffset: 7 })
    assert.deepEqual(await refusalOf(batch), refused(ErrorCode.INVALID_RECORD))
  })

  test('too large for the topic, even with a wrong CRC', async () => {
    const batch = batchOf(['x'.repeat(200)])
    batch[batch.length - 1] = (batch[batch.length - 1] as number) ^ 1
    const config = { maxMessageBytes: batch.length - 1 }
    assert.deepEqual(await refusalOf(batch, { config }), refused(ErrorCode.MESSAGE_TOO_LARGE))
  })

  test('too large for a segment', async () => {
    const config = { segmentBytes: 100 }
    assert.deepEqual(
      await refusalOf(batchOf(['x'.repeat(200)]), { config }),
      refused(ErrorCode.RECORD_LIST_TOO_LARGE),
    )
  })

  test('zstd before version 7, and a codec that does not exist', async () => {
    const zstd = edited(batchOf(['a']), (batch) => batch.writeInt16BE(4, BatchField.attributes))
    assert.deepEqual(
      await refusalOf(zstd, { apiVersion: 6 }),
      refused(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE),
    )
    const unknown = edited(batchOf(['a']), (batch) => batch.writeInt16BE(5, BatchField.attributes))
    assert.deepEqual(await refusalOf(unknown), refused(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE))
  })

  test('counts that do not agree', async () => {
    for (const [lastDelta, count] of [
      [-1, 1],
      [0, 0],
      [0, 2],
      [5, 1],
    ] as const) {
      const batch = edited(batchOf(['a']), (bytes) => {
        bytes.writeInt32BE(lastDelta, BatchField.lastOffsetDelta)
        bytes.writeInt32BE(count, BatchField.recordCount)
      })
      assert.deepEqual(await refusalOf(batch), refused(ErrorCode.INVALID_RECORD))
    }
  })

  test('a control batch, a producer without sequence or epoch', async () => {
    assert.deepEqual(await refusalOf(batchOf(['a'], { control: true })), refused(ErrorCode.INVALID_RECORD))
    const unsequenced = batchOf(['a'], { producerId: 1, producerEpoch: 0 })
    assert.deepEqual(await refusalOf(unsequenced), refused(ErrorCode.INVALID_RECORD))
    const epochless = batchOf(['a'], { producerId: 1, baseSequence: 0 })
    assert.deepEqual(await refusalOf(epochless), refused(ErrorCode.INVALID_PRODUCER_EPOCH))
  })

  test('a transaction of nobody', async () => {
    const nobody = batchOf(['a'], { transactional: true, producerId: 1, producerEpoch: 0, baseSequence: 0 })
    assert.deepEqual(await refusalOf(nobody), refused(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED))
    const nameless = batchOf(['a'], { transactional: true })
    assert.deepEqual(await refusalOf(nameless), refused(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED))
  })

  test('acks=all while more replicas are wanted than there are; acks=1 is taken', async () => {
    const config = { minInsyncReplicas: 2 }
    assert.deepEqual(await refusalOf(batchOf(['a']), { config }), refused(ErrorCode.NOT_ENOUGH_REPLICAS))
    const accepted = await refusalOf(batchOf(['a']), { config, acks: 1 })
    assert.deepEqual(accepted, { errorCode: 0, baseOffset: 0, submitted: true, end: 1 })
  })
})

describe('an accepted batch', () => {
  test('is stamped with offset and leader epoch and readable only when written', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { leaderEpoch: 3 })
    const first = world.produce(partition, batchOf(['a', 'b']), { verdict: FrameVerdict.Verified })
    const second = world.produce(partition, batchOf(['c']), { verdict: FrameVerdict.Verified })
    assert.deepEqual([first.baseOffset, second.baseOffset, first.logStartOffset], [0, 2, 0])
    assert.deepEqual([partition.nextOffset(), partition.logEndOffset, partition.highWatermark], [3, 0, 0])
    world.engine.run()
    assert.deepEqual([partition.logEndOffset, partition.highWatermark], [3, 3])
    const stored = await partition.readBytes(2, 1)
    assert.equal(header.baseOffset(stored, 0), 2)
    assert.equal(header.leaderEpoch(stored, 0), 3)
  })

  test('log-append time: restamped with a right CRC; the client may not claim it', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { config: { messageTimestampType: 'LogAppendTime' } })
    world.clock.advance(5)
    const out = world.produce(partition, batchOf(['a'], { timestamp: 1 }))
    world.engine.run()
    const stored = await partition.readBytes(0, 1 << 20)
    assert.equal(out.logAppendTimeMs, world.clock.nowMs())
    assert.equal(header.maxTimestamp(stored, 0), world.clock.nowMs())
    assert.ok(header.hasLogAppendTime(stored, 0))
    assert.equal(header.crc(stored, 0), crc32c(stored, BatchField.attributes))
    const claiming = edited(batchOf(['a']), (batch) => batch.writeInt16BE(8, BatchField.attributes))
    assert.equal(world.produce(partition, claiming).errorCode, ErrorCode.INVALID_TIMESTAMP)
  })

  test('create time: a claimed log-append bit is cleared', async () => {
    const world = await World.start()
    const partition = await world.open()
    const claiming = edited(batchOf(['a']), (batch) => batch.writeInt16BE(8, BatchField.attributes))
    const out = world.produce(partition, claiming)
    world.engine.run()
    const stored = await partition.readBytes(0, 1 << 20)
    assert.equal(out.logAppendTimeMs, -1)
    assert.equal(header.hasLogAppendTime(stored, 0), false)
    assert.equal(header.crc(stored, 0), crc32c(stored, BatchField.attributes))
  })
})

describe('a failed write', () => {
  test('no space: in-flight appends fail, offsets go back, writing resumes by itself', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.produce(partition, batchOf(['kept']))
    world.engine.run()
    world.engine.failWrites('ENOSPC')
    const own = partition.appendRecords(batchOf(['own']))
    world.produce(partition, batchOf(['lost']))
    const rejection = assert.rejects(own, {
      code: 'MILLRACE_APPEND_FAILED',
      errorCode: ErrorCode.KAFKA_STORAGE_ERROR,
    })
    world.engine.run()
    await rejection
    assert.deepEqual([partition.status, partition.nextOffset(), partition.logEndOffset], ['paused', 1, 1])
    assert.equal(world.foreignTickets.filter(({ ok }) => !ok).length, 1)
    assert.equal(world.produce(partition, batchOf(['early'])).errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
    world.advance(1_000)
    assert.equal(world.produce(partition, batchOf(['again'])).baseOffset, 1)
    world.engine.run()
    assert.equal(partition.logEndOffset, 2)
  })

  test('an I/O error takes the partition offline for good', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.engine.failWrites('EIO')
    world.produce(partition, batchOf(['lost']))
    world.engine.run()
    world.advance(3_600_000)
    assert.ok(partition.offline)
    assert.equal(world.produce(partition, batchOf(['x'])).errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
    await assert.rejects(partition.appendRecords(batchOf(['x'])), {
      errorCode: ErrorCode.KAFKA_STORAGE_ERROR,
    })
  })
})

describe('the broker’s own appends', () => {
  test('order is fixed at the call, the promise waits for the write', async () => {
    const world = await World.start()
    const partition = await world.open()
    const first = partition.appendRecords(batchOf(['a', 'b']))
    const second = partition.appendRecords(batchOf(['c']))
    assert.equal(partition.nextOffset(), 3)
    let written = false
    void first.then(() => {
      written = true
    })
    await settled()
    assert.equal(written, false)
    world.engine.run()
    assert.deepEqual(await Promise.all([first, second]), [
      { baseOffset: 0, endOffset: 2 },
      { baseOffset: 2, endOffset: 3 },
    ])
    assert.deepEqual(world.foreignTickets, [])
  })

  test('a batch no segment can hold is refused', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { config: { segmentBytes: 64 } })
    const refusal = { errorCode: ErrorCode.RECORD_LIST_TOO_LARGE }
    await assert.rejects(partition.appendRecords(batchOf(['a'])), refusal)
  })
})
