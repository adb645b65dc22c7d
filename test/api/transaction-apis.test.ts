// Goal: produce asks the coordinator where it must, fetch keeps what is not committed from readers who do not want
// it, and DescribeProducers tells who holds the last stable offset back.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { produce } from '../../src/api/00-produce.js'
import { fetch } from '../../src/api/01-fetch.js'
import { describeProducers } from '../../src/api/61-describe-producers.js'
import type { ProduceAnswer } from '../../src/api/produce-answer.js'
import { SessionCache } from '../../src/fetch/session-cache.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import type { DescribeProducersResponse } from '../../src/protocol/messages/describe-producers.js'
import { UNSET_UUID } from '../../src/protocol/reader.js'
import type { Draft } from '../../src/protocol/schema.js'
import { end, HeldVerifier, send } from '../log/transaction-harness.js'
import { batchOf, settled, World } from '../sim/world.js'
import { FakeContext } from './fake-context.js'
import { FetchExchange } from './fetch-exchange.js'

async function setUp() {
  const world = await World.start({ auto: true })
  const partition = await world.open()
  const sessions = new SessionCache({ clock: world.clock, random: world.random }, 10)
  const handler = fetch({ logs: world.logs, sessions, limits: { fetchBytesMax: 57_671_680 } })
  const ask = (isolationLevel: number, { fetchOffset = 0, maxWaitMs = 0, minBytes = 1 } = {}) => {
    const wish = { partition: 0, currentLeaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1 }
    const rest = { logStartOffset: -1, partitionMaxBytes: 1 << 20, replicaDirectoryId: UNSET_UUID }
    const partitions = [{ ...wish, ...rest, highWatermark: Number.MAX_SAFE_INTEGER }]
    return new FetchExchange(world, handler, 12).ask({
      maxWaitMs,
      minBytes,
      maxBytes: 1 << 24,
      isolationLevel,
      topics: [{ topic: 'orders', topicId: UNSET_UUID, partitions }],
    })
  }
  const abort = async () => {
    const code = end(world, partition, 'abort')
    await settled()
    assert.equal(await code, 0)
  }
  return { world, partition, ask, abort }
}

const partOf = (context: FetchExchange) => context.answers[0]?.responses[0]?.partitions[0]

describe('fetch', () => {
  test('read_committed ends at the last stable offset and names aborted transactions', async () => {
    const { world, partition, ask, abort } = await setUp()
    const plain = batchOf(['plain'])
    world.produce(partition, plain)
    send(world, partition, {})
    await settled()
    const before = partOf(ask(1))
    assert.deepEqual(
      [before?.records?.length, before?.lastStableOffset, before?.highWatermark],
      [plain.length, 1, 2],
    )
    assert.deepEqual(before?.abortedTransactions, [])
    await abort()
    const aborted = partOf(ask(1))?.abortedTransactions?.map(({ producerId, firstOffset }) => [
      producerId,
      firstOffset,
    ])
    assert.deepEqual(aborted, [[7, 1]])
    assert.equal(partOf(ask(0))?.abortedTransactions, null)
  })

  test('a wait of read_committed ends with the marker, not with the records', async () => {
    const { world, partition, ask, abort } = await setUp()
    const committed = ask(1, { maxWaitMs: 500 })
    const uncommitted = ask(0, { maxWaitMs: 500 })
    send(world, partition, {})
    await settled()
    assert.deepEqual([committed.answers.length, uncommitted.answers.length], [0, 1])
    await abort()
    assert.equal(partOf(committed)?.lastStableOffset, 2)
  })
})

describe('produce', () => {
  async function produced(apiVersion: number, verificationEnabled: boolean) {
    const { world } = await setUp()
    const verifier = new HeldVerifier()
    const options = { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true }
    const { position, length } = world.engine.receive(batchOf(['a'], options))
    const records = { position, length }
    const topicData = [{ name: 'orders', topicId: UNSET_UUID, partitionData: [{ index: 0, records }] }]
    const context = new FakeContext<ProduceAnswer>(world, apiVersion)
    const rooms = { logs: world.logs, verifier, verificationEnabled: () => verificationEnabled }
    const answer = produce(rooms).handle(
      { transactionalId: 'tx', acks: -1, timeoutMs: 1, topicData },
      context,
    )
    if (answer instanceof Promise) void answer.then((response) => context.respond(response))
    await settled()
    const codes = () => context.replies[0]?.responses[0]?.partitionResponses.map(({ errorCode }) => errorCode)
    return { verifier, codes }
  }

  test('waits for the coordinator', async () => {
    const { verifier, codes } = await produced(9, true)
    assert.equal(codes(), undefined)
    verifier.asked[0]?.answer(ErrorCode.INVALID_TXN_STATE)
    await settled()
    assert.deepEqual(codes(), [ErrorCode.INVALID_TXN_STATE])
  })

  test('does not ask when told not to, unless the partition is to be added', async () => {
    const old = await produced(11, false)
    assert.deepEqual([old.verifier.asked.length, old.codes()], [0, [0]])
    const adding = await produced(12, false)
    assert.deepEqual([adding.verifier.asked.length, adding.codes()], [1, undefined])
  })
})

test('DescribeProducers names open transactions and who fenced whom', async () => {
  const { world, partition, abort } = await setUp()
  send(world, partition, { count: 2 })
  await settled()
  const handler = describeProducers({ logs: world.logs })
  const ask = () => {
    const topics = [{ name: 'orders', partitionIndexes: [0, 5] }]
    const context = new FakeContext<Draft<typeof DescribeProducersResponse>>(world, 0)
    const answer = handler.handle({ topics }, context) as Draft<typeof DescribeProducersResponse>
    return answer.topics[0]?.partitions
  }
  const producer = {
    producerId: 7,
    producerEpoch: 0,
    lastSequence: 1,
    lastTimestamp: 1_700_000_000_000,
    coordinatorEpoch: -1,
    currentTxnStartOffset: 0,
  }
  assert.deepEqual(ask()?.[0]?.activeProducers, [producer])
  assert.equal(ask()?.[1]?.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  await abort()
  const [after] = ask()?.[0]?.activeProducers ?? []
  assert.deepEqual([after?.coordinatorEpoch, after?.currentTxnStartOffset], [0, -1])
})
