// Goal: groups' offsets and transactions are the same after their topics were compacted, and after a restart from what
// compaction left; a transaction that was open all the while can still be ended.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as calls from '../support/calls.js'
import { untilEnded } from '../support/committed-reader.js'
import * as txn from '../support/transaction-calls.js'
import { type Producer, TransactionClient } from '../support/transaction-client.js'
import type { WireClient } from '../support/wire-client.js'
import { createTopic } from './fixture.js'
import { coordinatorReady, Peer } from './peer.js'

const GROUPS = ['g0', 'g1', 'g2', 'g3', 'g4']
const IDS = ['t0', 't1', 't2', 'open']
const ROUNDS = 30

const OVERRIDES = {
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.num.partitions': 1,
  'log.cleaner.backoff.ms': 100,
  'log.cleaner.min.cleanable.ratio': 0,
  'log.cleaner.dedupe.buffer.size': 1_048_576,
}

const INTERNAL = ['__consumer_offsets', '__transaction_state']

/** Smaller than an operator may ask for. */
async function useSmallSegments(client: WireClient): Promise<void> {
  const configs = [{ name: 'internal.segment.bytes', configOperation: 0, value: '2048' }]
  const resources = INTERNAL.map((resourceName) => ({ resourceType: 2, resourceName, configs }))
  const { responses } = await client.call(calls.incrementalAlterConfigs, 1, {
    resources,
    validateOnly: false,
  })
  assert.deepEqual(
    responses.map(({ errorCode }) => errorCode),
    [0, 0],
  )
}

async function commit(client: WireClient, groupId: string, offset: number): Promise<void> {
  const committedMetadata = `${groupId} at ${offset}`
  const reply = await client.call(calls.offsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [
      { name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata }] },
    ],
  })
  assert.equal(reply.topics[0]?.partitions[0]?.errorCode, ErrorCode.NONE)
}

/** What clients can see of groups and transactions. */
async function state(client: WireClient) {
  const offsets = await client.call(calls.offsetFetch, 9, {
    groups: [...GROUPS, 'of transactions'].map((groupId) => ({ groupId, topics: null })),
    requireStable: false,
  })
  const transactions = await client.call(txn.describeTransactions, 0, { transactionalIds: IDS })
  return { groups: offsets.groups, transactions: transactions.transactionStates }
}

async function begin(client: TransactionClient, producer: Producer, sequence: number): Promise<void> {
  for (;;) {
    const { errorCode } = await client.produce(producer, ['a'], { topic: 'orders', sequence })
    if (errorCode === ErrorCode.NONE) return
    assert.equal(errorCode, ErrorCode.CONCURRENT_TRANSACTIONS)
  }
}

async function initialised(client: TransactionClient): Promise<Producer> {
  const { errorCode, producerId, producerEpoch } = await client.init()
  assert.equal(errorCode, ErrorCode.NONE)
  return { producerId, producerEpoch }
}

/** Transactions one after the other, each with an offset of a group. */
async function transact(client: TransactionClient): Promise<void> {
  let producer = await initialised(client)
  for (let round = 0; round < ROUNDS; round++) {
    await begin(client, producer, 0)
    assert.equal(await client.commitOffset(producer, 'of transactions', 'orders', round), ErrorCode.NONE)
    const reply = await client.end(producer, round % 3 > 0)
    assert.equal(reply.errorCode, ErrorCode.NONE)
    producer = { producerId: reply.producerId, producerEpoch: reply.producerEpoch }
    await untilEnded(client.client, client.transactionalId)
  }
}

async function bytesOf(dataDir: string, topic: string): Promise<number> {
  const folder = `${dataDir}/${topic}-0`
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'))
  const sizes = await Promise.all(names.map(async (name) => (await readFile(`${folder}/${name}`)).length))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** All but the newest segment. */
async function cleaned(dataDir: string, topic: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; ) {
    const names = await readdir(`${dataDir}/${topic}-0`)
    const newest = Math.max(
      ...names.filter((name) => name.endsWith('.log')).map((name) => Number(name.slice(0, 20))),
    )
    const text = await readFile(`${dataDir}/cleaner-offset-checkpoint`, 'utf8').catch(() => '')
    const line = text.split('\n').find((each) => each.startsWith(`${topic} 0 `))
    if (newest > 0 && Number(line?.split(' ')[2] ?? 0) >= newest) return
    assert.ok(Date.now() < deadline, `${topic} was not compacted`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('groups and transactions outlive the compaction of their topics', { timeout: 240_000 }, async () => {
  const dataDir = await mkdtemp(`${tmpdir()}/millrace-internal-`)
  let peer = await Peer.start({ dataDir, overrides: OVERRIDES })
  try {
    await createTopic(peer.client, 'orders')
    await coordinatorReady(peer.client, 'g0', 0)
    for (const id of IDS) await coordinatorReady(peer.client, id, 1)
    await useSmallSegments(peer.client)
    const open = await TransactionClient.open(peer.bootstrap, 'new', 'open')
    const producer = await initialised(open)
    await begin(open, producer, 0)
    for (let round = 0; round < ROUNDS; round++)
      for (const group of GROUPS) await commit(peer.client, group, round)
    for (const id of IDS.slice(0, 3)) {
      const client = await TransactionClient.open(peer.bootstrap, 'new', id)
      await transact(client)
      client.close()
    }
    const before = await state(peer.client)
    assert.deepEqual(
      before.groups.map(({ topics }) => topics[0]?.partitions[0]?.committedOffset),
      [29, 29, 29, 29, 29, 29],
    )
    for (const topic of INTERNAL) {
      await cleaned(dataDir, topic)
      // Of some 50 KB each; what is left are the newest of each key, markers, and the newest segment.
      assert.ok(
        (await bytesOf(dataDir, topic)) < 15_000,
        `${topic} has ${await bytesOf(dataDir, topic)} bytes`,
      )
    }
    assert.deepEqual(await state(peer.client), before)
    open.close()
    await peer.stop()
    peer = await Peer.start({ dataDir, overrides: OVERRIDES })
    await coordinatorReady(peer.client, 'g0', 0)
    for (const id of IDS) await coordinatorReady(peer.client, id, 1)
    assert.deepEqual(await state(peer.client), before)
    const again = await TransactionClient.open(peer.bootstrap, 'new', 'open')
    assert.equal((await again.end(producer, true)).errorCode, ErrorCode.NONE)
    await untilEnded(peer.client, 'open')
    again.close()
  } finally {
    await peer.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
})
