// Goal: the coordinator answers strangers, zombies and the confused as Kafka does, in every version, and their
// requests change nothing. Every expectation was read off Kafka, on which this file runs too, see peer.ts.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ErrorCode, errorName } from '../../src/protocol/errors.js'
import { again } from '../proxy/stage.js'
import * as txn from '../support/transaction-calls.js'
import type { Producer } from '../support/transaction-client.js'
import { coordinatorReady, foreign, freshName, freshTopic, Peer } from './peer.js'

let peer: Peer
let topic: string
before(async () => {
  peer = await Peer.start()
  topic = await freshTopic(peer.client)
  await coordinatorReady(peer.client, 'any', 1)
  await coordinatorReady(peer.client, 'any', 0)
})
after(() => peer.stop())

const VERSIONS = {
  init: [0, 1, 2, 3, 4, 5],
  add: [0, 1, 2, 3, 4, 5],
  addOffsets: [0, 1, 2, 3, 4],
  commitOffsets: [0, 1, 2, 3, 4, 5],
  end: [0, 1, 2, 3, 4, 5],
} as const

interface Init {
  readonly timeoutMs?: number
  readonly producerId?: number
  readonly producerEpoch?: number
}

async function init(id: string | null, version: number, { timeoutMs = 60_000, ...expected }: Init = {}) {
  const request = { transactionalId: id, transactionTimeoutMs: timeoutMs, ...expected }
  return peer.client.call(txn.initProducerId, version, request)
}

async function started(id: string): Promise<Producer> {
  await coordinatorReady(peer.client, id, 1)
  const { errorCode, producerId, producerEpoch } = await again(() => init(id, 5))
  assert.equal(errorCode, ErrorCode.NONE)
  return { producerId, producerEpoch }
}

async function add(id: string, producer: Producer, version: number, partitions = [0], name = topic) {
  const topics = [{ name, partitions }]
  if (version >= 4) {
    const transactions = [{ transactionalId: id, ...producer, verifyOnly: false, topics }]
    const reply = await peer.client.call(txn.addPartitionsToTxn, version, { transactions })
    const results = reply.resultsByTransaction[0]?.topicResults[0]?.resultsByPartition
    return namesOf(results)
  }
  const reply = await peer.client.call(txn.addPartitionsToTxn, version, {
    v3AndBelowTransactionalId: id,
    v3AndBelowProducerId: producer.producerId,
    v3AndBelowProducerEpoch: producer.producerEpoch,
    v3AndBelowTopics: topics,
  })
  const results = reply.resultsByTopicV3AndBelow[0]?.resultsByPartition
  return namesOf(results)
}

/** In the order of the partitions, which Kafka does not keep. */
function namesOf(results: { partitionIndex: number; partitionErrorCode: number }[] = []): string {
  const sorted = results.toSorted((a, b) => a.partitionIndex - b.partitionIndex)
  return sorted.map(({ partitionErrorCode }) => errorName(partitionErrorCode)).join(' ')
}

async function addOffsets(id: string, producer: Producer, version: number, groupId = 'group') {
  const request = { transactionalId: id, ...producer, groupId }
  return errorName((await peer.client.call(txn.addOffsetsToTxn, version, request)).errorCode)
}

interface Member {
  readonly groupId?: string
  readonly generationId?: number
  readonly memberId?: string
  readonly name?: string
}

async function commitOffsets(id: string, producer: Producer, version: number, member: Member = {}) {
  const { groupId = freshName('group'), name = topic, ...identity } = member
  const partition = { partitionIndex: 0, committedOffset: 1, committedMetadata: null }
  const request = { transactionalId: id, groupId, ...producer, ...identity }
  const topics = [{ name, partitions: [partition] }]
  const reply = await peer.client.call(txn.txnOffsetCommit, version, { ...request, topics })
  return errorName(reply.topics[0]?.partitions[0]?.errorCode ?? -1)
}

async function end(id: string, producer: Producer, version: number, committed = true) {
  const request = { transactionalId: id, ...producer, committed }
  const { errorCode } = await again(() => peer.client.call(txn.endTxn, version, request))
  return errorName(errorCode)
}

async function state(id: string): Promise<string> {
  const request = { transactionalIds: [id] }
  const [described] = (await peer.client.call(txn.describeTransactions, 0, request)).transactionStates
  return `${described?.transactionState} ${described?.producerEpoch}`
}

/** What each version is told: one answer for all, or one for each. */
async function expect(
  versions: readonly number[],
  ask: (version: number) => Promise<string | undefined>,
  expected: string | readonly string[],
): Promise<void> {
  const got: (string | undefined)[] = []
  for (const version of versions) got.push(await ask(version))
  assert.deepEqual(got, typeof expected === 'string' ? versions.map(() => expected) : expected)
}

const times = (count: number, code: string) => Array.from({ length: count }, () => code)

describe('InitProducerId', () => {
  const asked = async (id: string | null, version: number, request: Init) =>
    errorName((await init(id, version, request)).errorCode)

  test('with half an identity, a timeout out of range, an empty id', async () => {
    const id = freshName('tx')
    await started(id)
    const { init: all } = VERSIONS
    await expect([3, 4, 5], (version) => asked(id, version, { producerId: 5 }), 'INVALID_REQUEST')
    await expect([3, 4, 5], (version) => asked(id, version, { producerEpoch: 5 }), 'INVALID_REQUEST')
    await expect(all, (version) => asked(id, version, { timeoutMs: 0 }), 'INVALID_TRANSACTION_TIMEOUT')
    await expect(all, (version) => asked(id, version, { timeoutMs: -1 }), 'INVALID_TRANSACTION_TIMEOUT')
    await expect(all, (version) => asked(id, version, { timeoutMs: 900_001 }), 'INVALID_TRANSACTION_TIMEOUT')
    await expect(all, (version) => asked('', version, {}), 'INVALID_REQUEST')
    await expect(all, (version) => asked(null, version, { timeoutMs: -1 }), 'NONE')
    assert.equal(await state(id), 'Empty 0')
  })

  test('by a stranger', async () => {
    const id = freshName('tx')
    const { producerId } = await started(id)
    const fenced = ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'PRODUCER_FENCED']
    await expect([3, 4, 5], (v) => asked(id, v, { producerId: producerId + 1, producerEpoch: 0 }), fenced)
    await expect([3, 4, 5], (v) => asked(id, v, { producerId, producerEpoch: 7 }), fenced)
    assert.equal(await state(id), 'Empty 0')
  })
})

describe('InitProducerId of a producer that names the id it has', () => {
  const once = async (id: string, version: number, { producerId, producerEpoch }: Producer) => {
    const reply = await init(id, version, { producerId, producerEpoch })
    return `${errorName(reply.errorCode)} ${reply.producerId - producerId}.${reply.producerEpoch}`
  }
  const settled = async (id: string, version: number, producer: Producer) => {
    await again(() => init(id, version, producer))
    return state(id)
  }

  for (const version of [3, 4, 5]) {
    const fenced = `${version < 4 ? 'INVALID_PRODUCER_EPOCH' : 'PRODUCER_FENCED'}`

    test(`v${version}: goes on with the next epoch, and is told so again`, async () => {
      const id = freshName('tx')
      const first = await started(id)
      assert.equal(await once(id, version, first), 'NONE 0.1')
      assert.equal(await once(id, version, first), 'NONE 0.1')
      assert.equal(await once(id, version, { ...first, producerEpoch: 1 }), 'NONE 0.2')
      assert.match(await once(id, version, first), new RegExp(`^${fenced} `), 'two epochs ago')
    })

    test(`v${version}: is fenced by who came without`, async () => {
      const id = freshName('tx')
      const first = await started(id)
      const second = await started(id)
      assert.equal(second.producerEpoch, 1)
      assert.match(await once(id, version, first), new RegExp(`^${fenced} `))
      assert.equal(await state(id), 'Empty 1')
    })

    test(`v${version}: aborts what it has open`, async () => {
      const id = freshName('tx')
      const producer = await started(id)
      assert.equal(await add(id, producer, 3), 'NONE')
      assert.match(await once(id, version, producer), /^CONCURRENT_TRANSACTIONS /)
      assert.equal(await settled(id, version, producer), 'Empty 1', 'with the epoch of the abort')
      assert.equal(await once(id, version, producer), 'NONE 0.1')
      assert.equal(await once(id, version, { ...producer, producerEpoch: 1 }), 'NONE 0.2')
    })

    test(`v${version}: goes on after its time was over`, async () => {
      const id = freshName('tx')
      await coordinatorReady(peer.client, id, 1)
      const { producerId, producerEpoch } = await init(id, version, { timeoutMs: 100 })
      const producer = { producerId, producerEpoch }
      assert.equal(await add(id, producer, 3), 'NONE')
      while ((await state(id)) !== 'CompleteAbort 1');
      assert.equal(await add(id, producer, 3), 'PRODUCER_FENCED')
      assert.equal(await once(id, version, producer), 'NONE 0.1')
      assert.equal(await once(id, version, producer), 'NONE 0.1')
    })
  }
})

describe('strangers and zombies', () => {
  const fenced = (since: number, count: number) => [
    ...times(since, 'INVALID_PRODUCER_EPOCH'),
    ...times(count - since, 'PRODUCER_FENCED'),
  ]

  test('nobody has the transactional id', async () => {
    const id = freshName('nobody')
    const producer = { producerId: 1, producerEpoch: 0 }
    await expect(VERSIONS.add, (version) => add(id, producer, version), 'INVALID_PRODUCER_ID_MAPPING')
    await expect(VERSIONS.addOffsets, (v) => addOffsets(id, producer, v), 'INVALID_PRODUCER_ID_MAPPING')
    await expect(VERSIONS.commitOffsets, (v) => commitOffsets(id, producer, v), 'INVALID_PRODUCER_ID_MAPPING')
    await expect(VERSIONS.end, (version) => end(id, producer, version), 'INVALID_PRODUCER_ID_MAPPING')
    await expect(VERSIONS.add, (version) => add('', producer, version), 'INVALID_REQUEST')
    await expect(VERSIONS.addOffsets, (version) => addOffsets('', producer, version), 'INVALID_REQUEST')
    await expect(VERSIONS.end, (version) => end('', producer, version), 'INVALID_REQUEST')
    assert.equal(await state(id), ' 0')
  })

  for (const open of [false, true]) {
    const where = open ? 'in a transaction' : 'between transactions'
    test(`${where}: another producer id`, async () => {
      const id = freshName('tx')
      const own = await started(id)
      if (open) assert.equal(await add(id, own, 5), 'NONE')
      const other = { ...own, producerId: own.producerId + 1 }
      await expect(VERSIONS.add, (version) => add(id, other, version), 'INVALID_PRODUCER_ID_MAPPING')
      await expect(VERSIONS.addOffsets, (v) => addOffsets(id, other, v), 'INVALID_PRODUCER_ID_MAPPING')
      await expect(VERSIONS.commitOffsets, (v) => commitOffsets(id, other, v), 'INVALID_PRODUCER_ID_MAPPING')
      await expect(VERSIONS.end, (version) => end(id, other, version), 'INVALID_PRODUCER_ID_MAPPING')
      assert.equal(await state(id), open ? 'Ongoing 0' : 'Empty 0')
    })

    for (const [what, difference] of [
      ['an epoch that has passed', -1],
      ['an epoch to come', 1],
    ] as const) {
      test(`${where}: ${what}`, async () => {
        const id = freshName('tx')
        await started(id)
        const own = await started(id)
        if (open) assert.equal(await add(id, own, 5), 'NONE')
        const other = { ...own, producerEpoch: own.producerEpoch + difference }
        await expect(VERSIONS.add, (version) => add(id, other, version), fenced(2, 6))
        await expect(VERSIONS.addOffsets, (version) => addOffsets(id, other, version), fenced(2, 5))
        await expect(VERSIONS.commitOffsets, (v) => commitOffsets(id, other, v), 'INVALID_PRODUCER_EPOCH')
        await expect(VERSIONS.end, (version) => end(id, other, version), fenced(2, 6))
        assert.equal(await state(id), open ? 'Ongoing 1' : 'Empty 1')
      })
    }
  }
})

describe('requests out of place', () => {
  test('partitions that do not exist, beside one that does', async () => {
    const id = freshName('tx')
    const own = await started(id)
    const codes = 'UNKNOWN_TOPIC_OR_PARTITION OPERATION_NOT_ATTEMPTED UNKNOWN_TOPIC_OR_PARTITION'
    await expect(VERSIONS.add, (version) => add(id, own, version, [0, 1, -1]), codes)
    await expect(VERSIONS.add, (v) => add(id, own, v, [0], 'nowhere'), 'UNKNOWN_TOPIC_OR_PARTITION')
    assert.equal(await state(id), 'Empty 0')
  })

  test('the end of what never began', async () => {
    const id = freshName('tx')
    const own = await started(id)
    await expect(VERSIONS.end, (version) => end(id, own, version), 'INVALID_TXN_STATE')
    await expect([0, 1, 2, 3, 4], (version) => end(id, own, version, false), 'INVALID_TXN_STATE')
    assert.equal(await state(id), 'Empty 0')
    assert.equal(await end(id, own, 5, false), 'NONE')
  })

  test('another end than the first', async () => {
    for (const version of [0, 4, 5]) {
      const id = freshName('tx')
      const own = await started(id)
      assert.equal(await add(id, own, version), 'NONE')
      assert.equal(await end(id, own, version), 'NONE')
      assert.equal(await end(id, own, version), 'NONE', 'a retry')
      assert.equal(await end(id, own, version, false), 'INVALID_TXN_STATE')
    }
  })

  test('offsets of a group outside any transaction', async () => {
    const id = freshName('tx')
    const own = await started(id)
    const asked = (version: number) => commitOffsets(id, own, version)
    await expect([0, 1, 2, 3], asked, 'INVALID_TXN_STATE')
    assert.equal(await asked(4), 'TRANSACTION_ABORTABLE')
    assert.equal(await state(id), 'Empty 0')
    await expect(
      VERSIONS.commitOffsets,
      (v) => commitOffsets(id, own, v, { groupId: '' }),
      'INVALID_GROUP_ID',
    )
  })

  test('a group without a name, which Kafka adds all the same', { skip: foreign !== undefined }, async () => {
    const id = freshName('tx')
    const own = await started(id)
    await expect(VERSIONS.addOffsets, (version) => addOffsets(id, own, version, ''), 'INVALID_GROUP_ID')
    assert.equal(await state(id), 'Empty 0')
  })

  test('offsets of a stranger to the group, of a topic that does not exist', async () => {
    const id = freshName('tx')
    const own = await started(id)
    const groupId = freshName('group')
    assert.equal(await addOffsets(id, own, 4, groupId), 'NONE')
    const since3 = [3, 4, 5]
    const member = { groupId, generationId: 1, memberId: 'somebody' }
    await expect(since3, (v) => commitOffsets(id, own, v, member), 'ILLEGAL_GENERATION')
    const nameless = { groupId, generationId: 1, memberId: '' }
    await expect(since3, (v) => commitOffsets(id, own, v, nameless), 'ILLEGAL_GENERATION')
    const missing = { groupId, name: 'nowhere' }
    await expect(since3, (v) => commitOffsets(id, own, v, missing), 'UNKNOWN_TOPIC_OR_PARTITION')
    await expect(since3, (v) => commitOffsets(id, own, v, { groupId }), 'NONE')
  })
})
