import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { produce } from '../../src/api/00-produce.js'
import type { ProduceAnswer } from '../../src/api/produce-answer.js'
import { refusingVerifier } from '../../src/log/transaction-verifier.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import type { ProduceRequest } from '../../src/protocol/messages/produce.js'
import { UNSET_UUID } from '../../src/protocol/reader.js'
import { batchOf, settled, TOPIC_ID, World } from '../sim/world.js'
import { FakeContext } from './fake-context.js'

interface Part {
  topic?: string
  topicId?: string
  index?: number
  batch: Buffer | null
}

function requestOf(world: World, parts: readonly Part[], acks = -1): ProduceRequest {
  const topicData = parts.map(({ topic = 'orders', topicId = UNSET_UUID, index = 0, batch }) => {
    const records = batch && world.engine.receive(batch)
    return {
      name: topic,
      topicId,
      partitionData: [{ index, records: records && { position: records.position, length: records.length } }],
    }
  })
  return { transactionalId: null, acks, timeoutMs: 1000, topicData }
}

async function sent(
  world: World,
  request: ProduceRequest,
  settings: { apiVersion?: number; clientId?: string } = {},
): Promise<FakeContext<ProduceAnswer>> {
  const { apiVersion = 9, clientId = 'test' } = settings
  const context = new FakeContext<ProduceAnswer>(world, apiVersion, clientId)
  const rooms = { logs: world.logs, verifier: refusingVerifier, verificationEnabled: () => true }
  const answer = produce(rooms).handle(request, context)
  if (answer instanceof Promise) void answer.then((response) => context.respond(response))
  else if (answer !== undefined) context.respond(answer)
  await settled()
  return context
}

const partsOf = (answer: ProduceAnswer | undefined) =>
  answer?.responses.flatMap(({ partitionResponses }) =>
    partitionResponses.map(({ index, errorCode, baseOffset }) => [index, errorCode, baseOffset]),
  )

describe('acks 1 and -1', () => {
  test('the answer waits for every append', async () => {
    const world = await World.start()
    await world.open()
    await world.open('orders', { partition: 1 })
    const request = requestOf(world, [{ batch: batchOf(['a']) }, { index: 1, batch: batchOf(['b', 'c']) }])
    const context = await sent(world, request)
    world.engine.run(1)
    assert.deepEqual(context.replies, [])
    world.engine.run()
    assert.deepEqual(partsOf(context.replies[0]), [
      [0, 0, 0],
      [1, 0, 0],
    ])
  })

  test('a refusal beside an append, and only refusals', async () => {
    const world = await World.start()
    await world.open()
    const mixed = [
      { batch: batchOf(['a']) },
      { topic: 'unknown', batch: batchOf(['b']) },
      { index: 7, batch: batchOf(['c']) },
    ]
    const context = await sent(world, requestOf(world, mixed))
    world.engine.run()
    const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert.deepEqual(partsOf(context.replies[0]), [
      [0, 0, 0],
      [0, unknown, -1],
      [7, unknown, -1],
    ])
    const refused = await sent(world, requestOf(world, [{ batch: null }]))
    assert.deepEqual(partsOf(refused.replies[0]), [[0, ErrorCode.INVALID_RECORD, -1]])
  })

  test('when a disk fails, only what was not written is reported so', async () => {
    const world = await World.start({ options: { logDirs: ['/data/a', '/data/b'] } })
    await world.open()
    const second = await world.open('orders', { partition: 1 })
    assert.equal(second.logDirectory, '/data/b')
    world.engine.failWrites('EIO', { directory: '/data/b' })
    const request = requestOf(world, [{ batch: batchOf(['a']) }, { index: 1, batch: batchOf(['b']) }])
    const context = await sent(world, request)
    world.engine.run()
    assert.deepEqual(partsOf(context.replies[0]), [
      [0, 0, 0],
      [1, ErrorCode.KAFKA_STORAGE_ERROR, -1],
    ])
  })

  test('a retry of a batch in flight waits for it', async () => {
    const world = await World.start()
    await world.open()
    const batch = () => batchOf(['a'], { producerId: 5, producerEpoch: 0, baseSequence: 0 })
    const first = await sent(world, requestOf(world, [{ batch: batch() }]))
    const retry = await sent(world, requestOf(world, [{ batch: batch() }]))
    assert.deepEqual([first.replies.length, retry.replies.length], [0, 0])
    world.engine.run()
    await settled()
    assert.deepEqual(partsOf(retry.replies[0]), [[0, 0, 0]])
    assert.equal(world.logs.partition('orders', 0)?.logEndOffset, 1)
  })
})

describe('acks 0', () => {
  test('is never answered', async () => {
    const world = await World.start()
    const partition = await world.open()
    const context = await sent(world, requestOf(world, [{ batch: batchOf(['a']) }], 0))
    world.engine.run()
    assert.deepEqual([context.silent, context.replies.length, context.disconnected], [1, 0, null])
    assert.equal(partition.logEndOffset, 1)
  })

  test('an error ends the connection', async () => {
    const world = await World.start()
    const context = await sent(world, requestOf(world, [{ batch: batchOf(['a']) }], 0))
    assert.deepEqual([context.silent, context.replies.length], [0, 0])
    assert.match(context.disconnected ?? '', /UNKNOWN_TOPIC_OR_PARTITION/)
  })
})

test('other acks are refused everywhere and nothing is appended', async () => {
  const world = await World.start()
  const partition = await world.open()
  const context = await sent(world, requestOf(world, [{ batch: batchOf(['a']) }], 2))
  assert.deepEqual(partsOf(context.replies[0]), [[0, ErrorCode.INVALID_REQUIRED_ACKS, -1]])
  assert.equal(partition.nextOffset(), 0)
})

test('topics by id: known, unknown id, unknown partition', async () => {
  const world = await World.start()
  await world.open()
  const byId = (topicId: string, index = 0) => ({ topic: '', topicId, index, batch: batchOf(['a']) })
  const request = requestOf(world, [byId(TOPIC_ID), byId('unknownAAAAAAAAAAAAAAA'), byId(TOPIC_ID, 3)])
  const context = await sent(world, request, { apiVersion: 13 })
  world.engine.run()
  assert.deepEqual(partsOf(context.replies[0]), [
    [0, 0, 0],
    [0, ErrorCode.UNKNOWN_TOPIC_ID, -1],
    [3, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1],
  ])
  assert.equal(context.replies[0]?.responses[0]?.topicId, TOPIC_ID)
})

test('internal topics are only for the broker and Kafka’s tools; the metadata log is no topic', async () => {
  const world = await World.start()
  await world.open('__consumer_offsets')
  await world.open('__cluster_metadata', { topicId: 'metadataAAAAAAAAAAAAAA' })
  const internal = () => requestOf(world, [{ topic: '__consumer_offsets', batch: batchOf(['a']) }])
  const refused = await sent(world, internal())
  assert.deepEqual(partsOf(refused.replies[0]), [[0, ErrorCode.INVALID_TOPIC_EXCEPTION, -1]])
  const admin = await sent(world, internal(), { clientId: '__admin_client' })
  world.engine.run()
  assert.deepEqual(partsOf(admin.replies[0]), [[0, 0, 0]])
  const metadata = requestOf(world, [{ topic: '__cluster_metadata', batch: batchOf(['a']) }])
  const hidden = await sent(world, metadata)
  assert.deepEqual(partsOf(hidden.replies[0]), [[0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1]])
})

describe('a compacted topic', () => {
  const config = { cleanupPolicy: new Set(['compact'] as const) }

  test('takes keyed records in order with those that follow', async () => {
    const world = await World.start({ auto: true })
    const partition = await world.open('orders', { config })
    const contexts = [
      await sent(world, requestOf(world, [{ batch: batchOf(['a', 'b']) }])),
      await sent(world, requestOf(world, [{ batch: batchOf(['c']) }])),
    ]
    await settled()
    assert.deepEqual(
      contexts.map(({ replies }) => partsOf(replies[0])),
      [[[0, 0, 0]], [[0, 0, 2]]],
    )
    assert.equal(partition.logEndOffset, 3)
    assert.equal(partition.recordWork, null)
  })

  test('refuses records without key and names them', async () => {
    const world = await World.start({ auto: true })
    await world.open('orders', { config })
    const { buildBatch } = await import('../../src/protocol/records/batch-builder.js')
    const timestamp = world.clock.nowMs()
    const keyed = { key: Buffer.from('k'), value: null, timestamp }
    const batch = buildBatch([keyed, { key: null, value: null, timestamp }])
    const context = await sent(world, requestOf(world, [{ batch }]))
    const answer = context.replies[0]?.responses[0]?.partitionResponses[0]
    assert.equal(answer?.errorCode, ErrorCode.INVALID_RECORD)
    assert.deepEqual(
      answer?.recordErrors?.map(({ batchIndex }) => batchIndex),
      [1],
    )
  })
})
