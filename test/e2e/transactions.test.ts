// Goal: a transaction as clients of every version see it, from the producer id to the marker, over a restart, and
// offsets that move with it. Method: raw requests to a broker of its own.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as calls from '../support/calls.js'
import * as txn from '../support/transaction-calls.js'
import { WireClient } from '../support/wire-client.js'
import { createTopic, start, withBroker } from './fixture.js'

const ID = 'tx'
const GROUP = 'group'
const { NONE, CONCURRENT_TRANSACTIONS, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH } = ErrorCode

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

async function init(client: WireClient, version: number): Promise<Producer> {
  for (;;) {
    const request = { transactionalId: ID, transactionTimeoutMs: 60_000 }
    const reply = await client.call(txn.initProducerId, version, request)
    if (reply.errorCode === CONCURRENT_TRANSACTIONS) continue
    assert.equal(reply.errorCode, NONE)
    return { producerId: reply.producerId, producerEpoch: reply.producerEpoch }
  }
}

async function add(client: WireClient, producer: Producer, version: number, topic = 'orders') {
  const topics = [{ name: topic, partitions: [0] }]
  if (version < 4) {
    const reply = await client.call(txn.addPartitionsToTxn, version, {
      v3AndBelowTransactionalId: ID,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: topics,
    })
    return reply.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode
  }
  const transactions = [{ transactionalId: ID, ...producer, verifyOnly: false, topics }]
  const reply = await client.call(txn.addPartitionsToTxn, version, { transactions })
  return reply.resultsByTransaction[0]?.topicResults[0]?.resultsByPartition[0]?.partitionErrorCode
}

async function produce(client: WireClient, producer: Producer, version: number, baseSequence = 0) {
  const record = { key: null, value: Buffer.from('x'), timestamp: 1_700_000_000_000 }
  const records = buildBatch([record], { ...producer, baseSequence, transactional: true })
  const answer = await client.call(calls.produce, version, {
    transactionalId: ID,
    acks: -1,
    timeoutMs: 5_000,
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
  })
  return answer.responses[0]?.partitionResponses[0]?.errorCode
}

async function commitOffset(client: WireClient, producer: Producer, version: number, offset: number) {
  const partition = { partitionIndex: 0, committedOffset: offset, committedMetadata: null }
  const reply = await client.call(txn.txnOffsetCommit, version, {
    transactionalId: ID,
    groupId: GROUP,
    ...producer,
    topics: [{ name: 'orders', partitions: [partition] }],
  })
  return reply.topics[0]?.partitions[0]?.errorCode
}

/** Null while the offset waits for the end of a transaction. */
async function committed(client: WireClient): Promise<number | null> {
  const reply = await client.call(calls.offsetFetch, 9, {
    groups: [{ groupId: GROUP, topics: [{ name: 'orders', partitionIndexes: [0] }] }],
    requireStable: true,
  })
  const [partition] = reply.groups[0]?.topics[0]?.partitions ?? []
  return partition?.errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT ? null : (partition?.committedOffset ?? -9)
}

/** The last stable offset, once no transaction is being ended. */
async function stableOffset(client: WireClient): Promise<number> {
  for (;;) {
    const { transactionStates } = await client.call(txn.listTransactions, 1, {
      stateFilters: ['PrepareCommit', 'PrepareAbort'],
      producerIdFilters: [],
    })
    if (transactionStates.length === 0) break
  }
  const reply = await client.call(calls.listOffsets, 8, {
    replicaId: -1,
    isolationLevel: 1,
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1 }] }],
    timeoutMs: 1_000,
  })
  return reply.topics[0]?.partitions[0]?.offset ?? -9
}

async function ready(client: WireClient): Promise<void> {
  await createTopic(client, 'orders')
  for (const [key, keyType] of [
    [ID, 1],
    [GROUP, 0],
  ] as const) {
    const found = await client.call(calls.findCoordinator, 4, { keyType, coordinatorKeys: [key] })
    assert.equal(found.coordinators[0]?.errorCode, NONE)
  }
}

describe('clients that add partitions themselves', () => {
  test('commit, abort and fence', () =>
    withBroker(async (client) => {
      await ready(client)
      let end = 0
      for (let version = 0; version <= 3; version++) {
        const producer = await init(client, version)
        assert.equal(await produce(client, producer, 9), ErrorCode.INVALID_TXN_STATE, 'not added yet')
        assert.equal(await add(client, producer, version, 'nowhere'), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        assert.equal(await add(client, producer, version), NONE)
        assert.equal(await produce(client, producer, 9), NONE)
        assert.equal(await stableOffset(client), end)
        const request = { transactionalId: ID, ...producer }
        const added = await client.call(txn.addOffsetsToTxn, version, { ...request, groupId: GROUP })
        assert.equal(added.errorCode, NONE)
        assert.equal(await commitOffset(client, producer, version, 10 + version), NONE)
        assert.equal(await committed(client), null)
        const before = version - 1 < 0 ? -1 : 10 + version - 1
        const commits = version !== 3
        const ended = await client.call(txn.endTxn, version, { ...request, committed: commits })
        assert.equal(ended.errorCode, NONE)
        end += 2
        assert.equal(await stableOffset(client), end)
        assert.equal(await committed(client), commits ? 10 + version : before)
        await init(client, version)
        const fenced = version < 2 ? INVALID_PRODUCER_EPOCH : PRODUCER_FENCED
        assert.equal(await add(client, producer, version), fenced)
      }
    }))
})

describe('clients that leave it to the broker', () => {
  test('go from one transaction to the next without a pause', () =>
    withBroker(async (client) => {
      await ready(client)
      let producer = await init(client, 5)
      for (let round = 0; round < 10; round++) {
        assert.equal(await produce(client, producer, 12), NONE)
        assert.equal(await produce(client, producer, 12, 1), NONE)
        assert.equal(await commitOffset(client, producer, 5, round), NONE)
        const request = { transactionalId: ID, ...producer, committed: round % 2 === 0 }
        const ended = await client.call(txn.endTxn, 5, request)
        assert.deepEqual(ended, {
          throttleTimeMs: 0,
          errorCode: NONE,
          producerId: producer.producerId,
          producerEpoch: producer.producerEpoch + 1,
        })
        producer = { producerId: ended.producerId, producerEpoch: ended.producerEpoch }
      }
      assert.equal(await stableOffset(client), 30)
      assert.equal(await committed(client), 8)
    }))
})

test('an open transaction outlives a restart, and is aborted by the next producer of its id', async () => {
  const dataDir = await mkdtemp(`${tmpdir()}/millrace-e2e-`)
  const run = async (body: (client: WireClient) => Promise<void>) => {
    const broker = await start({ dataDir })
    const client = await WireClient.open(broker.bootstrap)
    try {
      await body(client)
    } finally {
      client.close()
      await broker.stop()
    }
  }
  try {
    let zombie: Producer = { producerId: -1, producerEpoch: -1 }
    await run(async (client) => {
      await ready(client)
      zombie = await init(client, 5)
      assert.equal(await produce(client, zombie, 12), NONE)
      assert.equal(await commitOffset(client, zombie, 5, 4), NONE)
    })
    await run(async (client) => {
      const described = await client.call(txn.describeTransactions, 0, { transactionalIds: [ID, 'other'] })
      assert.deepEqual(
        described.transactionStates.map(({ errorCode, transactionState }) => [errorCode, transactionState]),
        [
          [NONE, 'Ongoing'],
          [ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, ''],
        ],
      )
      assert.equal(await produce(client, zombie, 12, 1), NONE, 'it goes on')
      assert.equal(await stableOffset(client), 0)
      assert.equal(await committed(client), null)
      const heir = await init(client, 5)
      assert.equal(heir.producerEpoch, zombie.producerEpoch + 2)
      assert.equal(await stableOffset(client), 3)
      assert.equal(await committed(client), -1)
      assert.equal(await produce(client, zombie, 12, 2), INVALID_PRODUCER_EPOCH)
      const late = await client.call(txn.endTxn, 5, { transactionalId: ID, ...zombie, committed: true })
      assert.equal(late.errorCode, PRODUCER_FENCED)
    })
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test('other brokers add, or only ask, for several transactions at a time', () =>
  withBroker(async (client) => {
    await ready(client)
    const producer = await init(client, 5)
    const topics = [{ name: 'orders', partitions: [0] }]
    const ask = async (version: number, verifyOnly: boolean, transactionalId = ID) => {
      const transactions = [
        { transactionalId, ...producer, verifyOnly, topics },
        { transactionalId: 'nobody', producerId: 9, producerEpoch: 0, verifyOnly, topics },
      ]
      const reply = await client.call(txn.addPartitionsToTxn, version, { transactions })
      assert.equal(reply.errorCode, NONE)
      return reply.resultsByTransaction.map(
        ({ topicResults }) => topicResults[0]?.resultsByPartition[0]?.partitionErrorCode,
      )
    }
    const { INVALID_PRODUCER_ID_MAPPING, INVALID_TXN_STATE, TRANSACTION_ABORTABLE } = ErrorCode
    assert.deepEqual(await ask(4, true), [INVALID_TXN_STATE, INVALID_PRODUCER_ID_MAPPING])
    assert.deepEqual(await ask(5, true), [TRANSACTION_ABORTABLE, INVALID_PRODUCER_ID_MAPPING])
    assert.deepEqual(await ask(5, false), [NONE, INVALID_PRODUCER_ID_MAPPING])
    assert.deepEqual(await ask(5, true), [NONE, INVALID_PRODUCER_ID_MAPPING])
    assert.deepEqual(await ask(5, true, ''), [ErrorCode.INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING])
  }))

test('transactions are listed by state, producer and duration', () =>
  withBroker(async (client) => {
    await ready(client)
    const producer = await init(client, 5)
    await produce(client, producer, 12)
    const list = async (filter: { states?: string[]; ids?: number[]; durationFilter?: number }) => {
      const { states = [], ids = [], durationFilter = -1 } = filter
      const request = { stateFilters: states, producerIdFilters: ids, durationFilter }
      const reply = await client.call(txn.listTransactions, 1, request)
      assert.equal(reply.errorCode, NONE)
      return [
        reply.transactionStates.map(({ transactionState }) => transactionState),
        reply.unknownStateFilters,
      ]
    }
    assert.deepEqual(await list({}), [['Ongoing'], []])
    assert.deepEqual(await list({ states: ['Ongoing', 'Odd'] }), [['Ongoing'], ['Odd']])
    assert.deepEqual(await list({ states: ['Odd'] }), [[], ['Odd']])
    assert.deepEqual(await list({ states: ['Empty'] }), [[], []])
    assert.deepEqual(await list({ ids: [producer.producerId] }), [['Ongoing'], []])
    assert.deepEqual(await list({ ids: [producer.producerId + 1] }), [[], []])
    assert.deepEqual(await list({ durationFilter: 3_600_000 }), [[], []])
  }))

test('a marker by hand ends what hangs', () =>
  withBroker(async (client) => {
    await ready(client)
    const producer = await init(client, 5)
    await produce(client, producer, 12)
    assert.equal(await stableOffset(client), 0)
    const marker = {
      ...producer,
      transactionResult: false,
      topics: [
        { name: 'orders', partitionIndexes: [0, 0] },
        { name: 'nowhere', partitionIndexes: [3] },
      ],
      coordinatorEpoch: 0,
    }
    const reply = await client.call(txn.writeTxnMarkers, 1, { markers: [marker] })
    assert.deepEqual(
      reply.markers[0]?.topics.map(({ partitions }) => partitions.map(({ errorCode }) => errorCode)),
      [[NONE], [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]],
    )
    assert.equal(await stableOffset(client), 2)
  }))

test('the transaction version is the operators to lower and raise', () =>
  withBroker(async (client) => {
    const level = async () => {
      const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1' }
      const { finalizedFeatures } = await client.call(calls.apiVersions, 4, software)
      return finalizedFeatures.find(({ name }) => name === 'transaction.version')?.maxVersionLevel ?? 0
    }
    const update = (maxVersionLevel: number, upgradeType: number, version = 2) =>
      client.call(txn.updateFeatures, version, {
        featureUpdates: [{ feature: 'transaction.version', maxVersionLevel, upgradeType }],
        validateOnly: false,
      })
    assert.equal(await level(), 2)
    assert.equal((await update(0, 1)).errorCode, ErrorCode.INVALID_UPDATE_VERSION)
    assert.equal((await update(0, 2)).errorCode, NONE)
    assert.equal(await level(), 0)
    assert.equal((await update(2, 1, 1)).results[0]?.errorCode, NONE)
    assert.equal(await level(), 2)
  }))
