// ListOffsets, DeleteRecords, InitProducerId, OffsetForLeaderEpoch, DescribeLogDirs.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listOffsets } from '../../src/api/02-list-offsets.js'
import { deleteRecords } from '../../src/api/21-delete-records.js'
import { initProducerId } from '../../src/api/22-init-producer-id.js'
import { offsetForLeaderEpoch } from '../../src/api/23-offset-for-leader-epoch.js'
import { describeLogDirs } from '../../src/api/35-describe-log-dirs.js'
import { compress } from '../../src/codec/codec.js'
import { replaceRecords } from '../../src/log/restamp.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { batchOf, TOPIC_ID, World } from '../sim/world.js'
import { FakeContext } from './fake-context.js'

const NOW = 1_700_000_000_000

async function setUp() {
  const world = await World.start()
  const partition = await world.open()
  const append = (timestamp: number) => {
    world.produce(partition, batchOf(['x'], { timestamp }))
    world.engine.run()
  }
  return { world, partition, append }
}

describe('ListOffsets', () => {
  async function ask(
    world: World,
    timestamp: number,
    settings: {
      apiVersion?: number
      name?: string
      currentLeaderEpoch?: number
      isolationLevel?: number
    } = {},
  ) {
    const { apiVersion = 11, name = 'orders', currentLeaderEpoch = -1, isolationLevel = 0 } = settings
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch, timestamp }]
    const request = { replicaId: -1, isolationLevel, topics: [{ name, partitions }], timeoutMs: 1000 }
    const answer = await listOffsets({ logs: world.logs }).handle(request, new FakeContext(world, apiVersion))
    const [part] = answer?.topics[0]?.partitions ?? []
    return [part?.errorCode, part?.timestamp, part?.offset, part?.leaderEpoch]
  }

  test('special timestamps', async () => {
    const { world, partition, append } = await setUp()
    for (const timestamp of [NOW, NOW + 20, NOW + 10]) append(timestamp)
    await partition.deleteRecordsBefore(1)
    assert.deepEqual(await ask(world, -1), [0, -1, 3, 0])
    assert.deepEqual(await ask(world, -1, { isolationLevel: 1 }), [0, -1, 3, 0])
    assert.deepEqual(await ask(world, -2), [0, -1, 1, 0])
    assert.deepEqual(await ask(world, -3), [0, NOW + 20, 1, 0])
    assert.deepEqual(await ask(world, -4), [0, -1, 1, 0])
    assert.deepEqual(await ask(world, -5), [0, -1, -1, -1])
    assert.deepEqual(await ask(world, -6), [0, -1, -1, -1])
  })

  test('special timestamps of later versions are refused in earlier ones, unknown ones in all', async () => {
    const { world } = await setUp()
    for (const [timestamp, apiVersion] of [
      [-3, 6],
      [-4, 7],
      [-5, 8],
      [-6, 10],
      [-7, 11],
    ] as const) {
      assert.deepEqual(await ask(world, timestamp, { apiVersion }), [
        ErrorCode.UNSUPPORTED_VERSION,
        -1,
        -1,
        -1,
      ])
    }
  })

  test('a timestamp finds the first record at or after it', async () => {
    const { world, append } = await setUp()
    for (const timestamp of [NOW, NOW + 10, NOW + 20]) append(timestamp)
    assert.deepEqual(await ask(world, NOW + 5), [0, NOW + 10, 1, 0])
    assert.deepEqual(await ask(world, NOW + 21), [0, -1, -1, -1])
  })

  test('inside a compressed batch the record is found exactly', async () => {
    const { world, partition } = await setUp()
    const record = (timestamp: number) => ({ key: null, value: Buffer.from('v'), timestamp })
    const plain = buildBatch([record(NOW), record(NOW + 5), record(NOW + 9), record(NOW + 7)])
    const batch = replaceRecords(plain, await compress(1, plain.subarray(61)), 1)
    world.produce(partition, batch)
    world.engine.run()
    assert.deepEqual(await ask(world, NOW + 1), [0, NOW + 5, 1, 0])
    assert.deepEqual(await ask(world, -3), [0, NOW + 9, 2, 0])
  })

  test('errors', async () => {
    const { world } = await setUp()
    assert.deepEqual(await ask(world, -1, { name: 'none' }), [
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      -1,
      -1,
      -1,
    ])
    const unknownEpoch = await ask(world, -1, { currentLeaderEpoch: 1 })
    assert.deepEqual(unknownEpoch, [ErrorCode.UNKNOWN_LEADER_EPOCH, -1, -1, -1])
  })
})

describe('DeleteRecords', () => {
  async function ask(world: World, offset: number, name = 'orders') {
    const request = { topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }], timeoutMs: 1000 }
    const answer = await deleteRecords({ logs: world.logs }).handle(request, new FakeContext(world, 2))
    const [part] = answer?.topics[0]?.partitions ?? []
    return [part?.errorCode, part?.lowWatermark]
  }

  test('raises the start, -1 up to the high watermark, never lowers it', async () => {
    const { world, append } = await setUp()
    for (let i = 0; i < 3; i++) append(NOW)
    assert.deepEqual(await ask(world, 2), [0, 2])
    assert.deepEqual(await ask(world, 1), [0, 2])
    assert.deepEqual(await ask(world, 4), [ErrorCode.OFFSET_OUT_OF_RANGE, -1])
    assert.deepEqual(await ask(world, -2), [ErrorCode.OFFSET_OUT_OF_RANGE, -1])
    assert.deepEqual(await ask(world, -1), [0, 3])
  })

  test('survives a kill', async () => {
    const { world, append } = await setUp()
    for (let i = 0; i < 3; i++) append(NOW)
    await ask(world, 2)
    world.engine.crash()
    const after = await World.start({ disk: world.disk })
    assert.equal((await after.open()).logStartOffset, 2)
  })

  test('refusals', async () => {
    const { world } = await setUp()
    await world.open('compacted', {
      topicId: 'compactedAAAAAAAAAAAAA',
      config: { cleanupPolicy: new Set(['compact'] as const) },
    })
    assert.deepEqual(await ask(world, 0, 'compacted'), [ErrorCode.POLICY_VIOLATION, -1])
    assert.deepEqual(await ask(world, 0, '__consumer_offsets'), [ErrorCode.INVALID_TOPIC_EXCEPTION, -1])
    assert.deepEqual(await ask(world, 0, 'none'), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1])
  })
})

describe('InitProducerId', () => {
  async function ask(
    transactionalId: string | null,
    next: () => Promise<number>,
    { apiVersion = 5, code = ErrorCode.NONE as number, producerEpoch = 1 } = {},
  ) {
    const world = await World.start()
    const request = { transactionalId, transactionTimeoutMs: 1000, producerId: 3, producerEpoch }
    const transactions = {
      initProducer: async () => ({ errorCode: code, producerId: 50, producerEpoch: 2 }),
    }
    const handler = initProducerId({ producerIds: { next }, transactions })
    const answer = await handler.handle(request, new FakeContext(world, apiVersion))
    return [answer?.errorCode, answer?.producerId, answer?.producerEpoch]
  }

  test('a new id with epoch 0, and refusals', async () => {
    const next = () => Promise.resolve(4000)
    assert.deepEqual(await ask(null, next), [0, 4000, 0])
    assert.deepEqual(await ask(null, next, { producerEpoch: -1 }), [ErrorCode.INVALID_REQUEST, -1, -1])
    const none = () => Promise.reject(new Error('no metadata'))
    assert.deepEqual(await ask(null, none), [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, -1, -1])
  })

  test("a transactional id is its coordinator's, in codes the client knows", async () => {
    const next = () => Promise.resolve(4000)
    assert.deepEqual(await ask('tx', next), [0, 50, 2])
    const code = ErrorCode.PRODUCER_FENCED
    assert.equal((await ask('tx', next, { code, apiVersion: 4 }))[0], ErrorCode.PRODUCER_FENCED)
    assert.equal((await ask('tx', next, { code, apiVersion: 3 }))[0], ErrorCode.INVALID_PRODUCER_EPOCH)
  })
})

describe('OffsetForLeaderEpoch', () => {
  test('ends of epochs and errors', async () => {
    const { world, partition, append } = await setUp()
    append(NOW)
    partition.lead(4)
    append(NOW)
    const ask = async (
      leaderEpoch: number,
      settings: { topic?: string; currentLeaderEpoch?: number } = {},
    ) => {
      const { topic = 'orders', currentLeaderEpoch = -1 } = settings
      const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }]
      const request = { replicaId: -1, topics: [{ topic, partitions }] }
      const handler = offsetForLeaderEpoch({ logs: world.logs })
      const answer = await handler.handle(request, new FakeContext(world, 4))
      return answer?.topics[0]?.partitions[0]
    }
    const found = (leaderEpoch: number, endOffset: number) => ({
      errorCode: 0,
      partition: 0,
      leaderEpoch,
      endOffset,
    })
    assert.deepEqual(await ask(0), found(0, 1))
    assert.deepEqual(await ask(2), found(0, 1))
    assert.deepEqual(await ask(4), found(4, 2))
    assert.deepEqual(await ask(5), found(-1, -1))
    const failed = (errorCode: number) => ({ errorCode, partition: 0, leaderEpoch: -1, endOffset: -1 })
    assert.deepEqual(await ask(4, { currentLeaderEpoch: 3 }), failed(ErrorCode.FENCED_LEADER_EPOCH))
    assert.deepEqual(await ask(4, { topic: 'none' }), failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
  })
})

describe('DescribeLogDirs', () => {
  test('sizes by directory, all or those asked for; the metadata log stays out', async () => {
    const world = await World.start({ options: { logDirs: ['/data/a', '/data/b'] } })
    await world.open('__cluster_metadata', { topicId: 'metadataAAAAAAAAAAAAAA' })
    const first = await world.open('orders', { partition: 0 })
    await world.open('orders', { partition: 1 })
    assert.equal(first.logDirectory, '/data/b')
    world.produce(first, batchOf(['x']))
    world.engine.run()
    const ask = async (topics: { topic: string; partitions: number[] }[] | null) => {
      const handler = describeLogDirs({ logs: world.logs })
      const answer = await handler.handle({ topics }, new FakeContext(world, 5))
      return answer?.results.map(({ logDir, topics: found }) => [logDir, found])
    }
    const part = (partitionIndex: number, partitionSize: number) => ({
      partitionIndex,
      partitionSize,
      offsetLag: 0,
      isFutureKey: false,
    })
    assert.deepEqual(await ask(null), [
      ['/data/a', [{ name: 'orders', partitions: [part(1, 0)] }]],
      ['/data/b', [{ name: 'orders', partitions: [part(0, batchOf(['x']).length)] }]],
    ])
    assert.deepEqual(await ask([{ topic: 'orders', partitions: [1] }]), [
      ['/data/a', [{ name: 'orders', partitions: [part(1, 0)] }]],
      ['/data/b', []],
    ])
    assert.equal(world.logs.topicName(TOPIC_ID), 'orders')
  })
})
