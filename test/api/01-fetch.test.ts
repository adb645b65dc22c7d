import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fetch } from '../../src/api/01-fetch.js'
import { SessionCache } from '../../src/fetch/session-cache.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import type { FetchRequest } from '../../src/protocol/messages/fetch.js'
import { UNSET_UUID } from '../../src/protocol/reader.js'
import { batchOf, settled, TOPIC_ID, World } from '../sim/world.js'
import { FetchExchange } from './fetch-exchange.js'

interface Wish {
  topic?: string
  topicId?: string
  partition?: number
  fetchOffset?: number
  partitionMaxBytes?: number
  currentLeaderEpoch?: number
  lastFetchedEpoch?: number
}

function requestOf(wishes: readonly Wish[], top: Partial<FetchRequest> = {}): FetchRequest {
  const topics = wishes.map(({ topic = 'orders', topicId = UNSET_UUID, ...wish }) => ({
    topic,
    topicId,
    partitions: [
      {
        partition: 0,
        currentLeaderEpoch: -1,
        fetchOffset: 0,
        lastFetchedEpoch: -1,
        logStartOffset: -1,
        partitionMaxBytes: 1 << 20,
        replicaDirectoryId: UNSET_UUID,
        highWatermark: Number.MAX_SAFE_INTEGER,
        ...wish,
      },
    ],
  }))
  return {
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1 },
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 1 << 24,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics,
    forgottenTopicsData: [],
    rackId: '',
    ...top,
  }
}

async function setUp() {
  const world = await World.start({ auto: true })
  const partition = await world.open()
  const sessions = new SessionCache({ clock: world.clock, random: world.random }, 10)
  const handler = fetch({ logs: world.logs, sessions, limits: { fetchBytesMax: 57_671_680 } })
  const ask = (request: FetchRequest, apiVersion = 12) =>
    new FetchExchange(world, handler, apiVersion).ask(request)
  const append = async (...values: string[]) => {
    for (const value of values) world.produce(partition, batchOf([value]))
    await settled()
  }
  return { world, partition, sessions, ask, append }
}

const partsOf = (context: FetchExchange) =>
  context.answers[0]?.responses.flatMap(({ topic, partitions }) =>
    partitions.map(({ partitionIndex, errorCode, highWatermark, records }) => {
      return { topic, partitionIndex, errorCode, highWatermark, bytes: records.length }
    }),
  )

describe('reading', () => {
  test('answers with the file slice of whole batches', async () => {
    const { world, partition, ask, append } = await setUp()
    await append('a', 'b', 'c')
    const size = batchOf(['a']).length
    const part = ask(requestOf([{ fetchOffset: 1 }])).answers[0]?.responses[0]?.partitions[0]
    const expected = { slice: { log: partition.log, segment: 0, position: size }, length: 2 * size }
    assert.deepEqual(part?.records, expected)
    assert.deepEqual([part?.highWatermark, part?.lastStableOffset, part?.logStartOffset], [3, 3, 0])
    assert.equal(part?.abortedTransactions, null)
    assert.equal(world.engine.slice(partition.log, 0, { position: size, length: 2 * size }).length, 2 * size)
  })

  test('read_committed has an empty list of aborted transactions', async () => {
    const { ask, append } = await setUp()
    await append('a')
    const part = ask(requestOf([{}], { isolationLevel: 1 })).answers[0]?.responses[0]?.partitions[0]
    assert.deepEqual(part?.abortedTransactions, [])
  })

  test('one batch is returned even if every limit is smaller, but only one', async () => {
    const { world, ask, append } = await setUp()
    const second = await world.open('orders', { partition: 1 })
    await append('a', 'b')
    world.produce(second, batchOf(['c']))
    await settled()
    const wishes = [{ partitionMaxBytes: 1 }, { partition: 1, partitionMaxBytes: 1 << 20 }]
    const parts = partsOf(ask(requestOf(wishes, { maxBytes: 1 })))
    assert.deepEqual(
      parts?.map(({ bytes }) => bytes),
      [batchOf(['a']).length, 0],
    )
  })
})

describe('errors', () => {
  test('offset out of range on either side', async () => {
    const { partition, ask, append } = await setUp()
    await append('a', 'b')
    await partition.deleteRecordsBefore(1)
    for (const fetchOffset of [0, 3]) {
      assert.deepEqual(partsOf(ask(requestOf([{ fetchOffset }]))), [
        {
          topic: 'orders',
          partitionIndex: 0,
          errorCode: ErrorCode.OFFSET_OUT_OF_RANGE,
          highWatermark: -1,
          bytes: 0,
        },
      ])
    }
  })

  test('unknown names and ids', async () => {
    const { ask } = await setUp()
    const codes = (context: FetchExchange) => partsOf(context)?.map(({ errorCode }) => errorCode)
    assert.deepEqual(codes(ask(requestOf([{ topic: 'none' }]))), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
    const unknownId = { topic: '', topicId: 'unknownAAAAAAAAAAAAAAA' }
    assert.deepEqual(codes(ask(requestOf([unknownId]), 13)), [ErrorCode.UNKNOWN_TOPIC_ID])
    const unknownPartition = { topic: '', topicId: TOPIC_ID, partition: 4 }
    assert.deepEqual(codes(ask(requestOf([unknownPartition]), 13)), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
  })

  test('leader epochs: fenced, unknown, diverging', async () => {
    const { partition, ask, append } = await setUp()
    await append('a', 'b')
    partition.lead(5)
    await append('c')
    const codeFor = (currentLeaderEpoch: number) =>
      partsOf(ask(requestOf([{ currentLeaderEpoch }])))?.[0]?.errorCode
    assert.deepEqual([4, 5, 6].map(codeFor), [
      ErrorCode.FENCED_LEADER_EPOCH,
      0,
      ErrorCode.UNKNOWN_LEADER_EPOCH,
    ])
    const diverging = ask(requestOf([{ fetchOffset: 3, lastFetchedEpoch: 2 }])).answers[0]?.responses[0]
      ?.partitions[0]
    assert.deepEqual(diverging?.divergingEpoch, { epoch: 0, endOffset: 2 })
    assert.equal(diverging?.records?.length, 0)
    const same = ask(requestOf([{ fetchOffset: 2, lastFetchedEpoch: 0 }])).answers[0]?.responses[0]
      ?.partitions[0]
    assert.deepEqual(same?.divergingEpoch, { epoch: -1, endOffset: -1 })
    assert.equal(
      partsOf(ask(requestOf([{ lastFetchedEpoch: 9 }])))?.[0]?.errorCode,
      ErrorCode.OFFSET_OUT_OF_RANGE,
    )
  })

  test('a failed disk, in the words of the version', async () => {
    const { world, partition, ask } = await setUp()
    world.engine.failWrites('EIO')
    world.produce(partition, batchOf(['a']))
    await settled()
    assert.equal(partsOf(ask(requestOf([{}]), 6))?.[0]?.errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
    assert.equal(partsOf(ask(requestOf([{}]), 5))?.[0]?.errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })
})

describe('waiting', () => {
  test('ends with enough bytes, once', async () => {
    const { world, ask, append } = await setUp()
    const size = batchOf(['a']).length
    const context = ask(requestOf([{}], { minBytes: size + 1 }))
    await append('a')
    assert.deepEqual(context.answers, [])
    await append('b')
    assert.deepEqual(
      partsOf(context)?.map(({ bytes }) => bytes),
      [2 * size],
    )
    world.advance(10_000)
    await append('c')
    assert.equal(context.answers.length, 1)
  })

  test('ends with the deadline, with what there is', async () => {
    const { world, ask, append } = await setUp()
    const context = ask(requestOf([{}], { minBytes: 1 << 20 }))
    await append('a')
    world.advance(499)
    assert.equal(context.answers.length, 0)
    world.advance(1)
    assert.equal(partsOf(context)?.[0]?.bytes, batchOf(['a']).length)
  })

  test('ends without an answer when the client leaves, and hangs nowhere', async () => {
    const { world, ask, append } = await setUp()
    const timersBefore = world.timers.size
    const context = ask(requestOf([{}]))
    assert.equal(world.timers.size, timersBefore + 1)
    context.leave()
    assert.equal(world.timers.size, timersBefore)
    await append('a')
    assert.deepEqual(context.answers, [])
  })

  test('ends when the partition is deleted', async () => {
    const { world, ask } = await setUp()
    const context = ask(requestOf([{}]))
    await world.logs.deletePartition('orders', 0)
    assert.equal(partsOf(context)?.[0]?.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })

  test('does not begin without time, without partitions, or beside an error', async () => {
    const { ask } = await setUp()
    assert.equal(ask(requestOf([{}], { maxWaitMs: 0 })).answers.length, 1)
    assert.equal(ask(requestOf([])).answers.length, 1)
    assert.equal(ask(requestOf([{}, { topic: 'none' }])).answers.length, 1)
  })
})

describe('sessions', () => {
  const full = { sessionId: 0, sessionEpoch: 0, maxWaitMs: 0 }
  const next = (sessionId: number, sessionEpoch: number) => ({ sessionId, sessionEpoch, maxWaitMs: 0 })

  async function opened() {
    const setup = await setUp()
    await setup.world.open('orders', { partition: 1 })
    const context = setup.ask(requestOf([{}, { partition: 1 }], full))
    const id = context.answers[0]?.sessionId ?? 0
    assert.ok(id > 0)
    assert.equal(partsOf(context)?.length, 2)
    return { ...setup, id }
  }

  test('an incremental answer names only what changed', async () => {
    const { ask, append, id } = await opened()
    const idle = ask(requestOf([], next(id, 1)))
    assert.deepEqual([idle.answers[0]?.sessionId, partsOf(idle)], [id, []])
    await append('a')
    const changed = partsOf(ask(requestOf([], next(id, 2))))
    assert.deepEqual(
      changed?.map(({ partitionIndex }) => partitionIndex),
      [0],
    )
    const read = ask(requestOf([{ fetchOffset: 1 }], next(id, 3)))
    assert.deepEqual(partsOf(read), [])
  })

  test('a partition that returned data is served last the next time', async () => {
    const { world, ask, append, id } = await opened()
    await append('a')
    ask(requestOf([], next(id, 1)))
    const second = world.logs.partition('orders', 1)
    if (second !== undefined) world.produce(second, batchOf(['b']))
    await settled()
    const order = partsOf(ask(requestOf([], next(id, 2))))
    assert.deepEqual(
      order?.map(({ partitionIndex }) => partitionIndex),
      [1, 0],
    )
  })

  test('an error is repeated until it is gone, and what follows it is named', async () => {
    const { ask, append, id } = await opened()
    await append('a')
    ask(requestOf([{ fetchOffset: 9 }], next(id, 1)))
    assert.equal(partsOf(ask(requestOf([], next(id, 2))))?.[0]?.errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
    assert.deepEqual(partsOf(ask(requestOf([{ fetchOffset: 1 }], next(id, 3)))), [
      { topic: 'orders', partitionIndex: 0, errorCode: 0, highWatermark: 1, bytes: 0 },
    ])
  })

  test('wrong id, wrong epoch, ids mixed with names', async () => {
    const { ask, id } = await opened()
    const code = (context: FetchExchange) => context.answers[0]?.errorCode
    assert.equal(code(ask(requestOf([], next(id + 1, 1)))), ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    assert.equal(code(ask(requestOf([], next(id, 2)))), ErrorCode.INVALID_FETCH_SESSION_EPOCH)
    assert.equal(code(ask(requestOf([], next(id, 1)), 13)), ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR)
    assert.equal(code(ask(requestOf([], next(id, 1)))), 0)
  })

  test('a second wait on the same session takes it over; each is answered once', async () => {
    const { world, ask, append, id } = await opened()
    const first = ask(requestOf([], { ...next(id, 1), maxWaitMs: 500 }))
    const forgottenTopicsData = [{ topic: 'orders', topicId: UNSET_UUID, partitions: [1] }]
    const second = ask(requestOf([], { ...next(id, 2), maxWaitMs: 1000, forgottenTopicsData }))
    await append('a')
    assert.deepEqual([first.answers.length, second.answers.length], [0, 1])
    world.advance(500)
    await append('b')
    assert.deepEqual([first.answers.length, second.answers.length], [1, 1])
  })

  test('forgetting the last partition, or asking for none, ends it', async () => {
    const { ask, sessions, id } = await opened()
    const forgottenTopicsData = [{ topic: 'orders', topicId: UNSET_UUID, partitions: [0, 1] }]
    const ended = ask(requestOf([], { ...next(id, 1), forgottenTopicsData }))
    assert.deepEqual([ended.answers[0]?.sessionId, sessions.size], [0, 0])
    const other = ask(requestOf([{}], full)).answers[0]?.sessionId ?? 0
    ask(requestOf([{}], { ...full, sessionId: other, sessionEpoch: -1 }))
    assert.equal(sessions.size, 0)
  })
})
