// Goal: a producer that is idle for long is forgotten, and nothing comes of it: one with an open transaction never is,
// one that was may go on where it stopped. Runs against Kafka too, when that was started with producer.id.expiration.ms=4000 and producer.id.expiration.check.interval.ms=500.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from '../../src/protocol/messages/describe-producers.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { again, initialised } from '../proxy/stage.js'
import { readCommitted, untilEnded } from '../support/committed-reader.js'
import * as txn from '../support/transaction-calls.js'
import {
  Age as AGES,
  type Age,
  type Producer,
  produceBatch,
  TransactionClient,
} from '../support/transaction-client.js'
import { coordinatorReady, freshName, freshTopic, Peer } from './peer.js'

const { NONE } = ErrorCode
const describeProducers = [DescribeProducersRequest, DescribeProducersResponse] as const

let peer: Peer
before(async () => {
  const overrides = { 'producer.id.expiration.ms': 1_000, 'producer.id.expiration.check.interval.ms': 100 }
  peer = await Peer.start({ overrides })
})
after(() => peer.stop())

/** Kafka counts from the time of the last record. */
const send = (producer: Producer, sequence: number, to: Parameters<typeof produceBatch>[2]) =>
  again(() => {
    const records = [{ key: null, value: Buffer.from(`${sequence}`), timestamp: Date.now() }]
    const transactional = to.transactionalId !== undefined
    const batch = buildBatch(records, { ...producer, baseSequence: sequence, transactional })
    return produceBatch(peer.client, batch, to)
  })

async function known(topic: string): Promise<number[]> {
  const topics = [{ name: topic, partitionIndexes: [0] }]
  const answer = await peer.client.call(describeProducers, 0, { topics })
  const { errorCode, activeProducers = [] } = answer.topics[0]?.partitions[0] ?? {}
  assert.equal(errorCode, NONE)
  return activeProducers.map(({ producerId }) => producerId)
}

async function untilForgotten(topic: string, producer: Producer): Promise<void> {
  const deadline = Date.now() + 30_000
  while ((await known(topic)).includes(producer.producerId)) {
    assert.ok(Date.now() < deadline, 'it is remembered for ever')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function idempotent(): Promise<Producer> {
  const request = { transactionalId: null, transactionTimeoutMs: 60_000 }
  const { producerId, producerEpoch } = await peer.client.call(txn.initProducerId, 5, request)
  return { producerId, producerEpoch }
}

test('an idempotent producer that was forgotten goes on where it stopped', async () => {
  const topic = await freshTopic(peer.client)
  const producer = await idempotent()
  for (const sequence of [0, 1, 2]) assert.equal((await send(producer, sequence, { topic })).errorCode, NONE)
  await untilForgotten(topic, producer)
  // All at once, for it is soon forgotten again.
  const answers = await Promise.all([3, 5, 3].map((sequence) => send(producer, sequence, { topic })))
  assert.deepEqual(answers, [
    { errorCode: NONE, baseOffset: 3 },
    { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 },
    { errorCode: NONE, baseOffset: 3 },
  ])
})

for (const age of ['old', 'new'] as const satisfies readonly Age[]) {
  test(`${age}: an open transaction outlives the time, and goes on`, async () => {
    const topic = await freshTopic(peer.client)
    const id = freshName('tx')
    await coordinatorReady(peer.client, id, 1)
    const client = await TransactionClient.open(peer.bootstrap, age, id)
    const producer = await initialised(client)
    if (age === 'old') assert.equal(await client.add(producer, topic), NONE)
    const to = { topic, transactionalId: id, version: AGES[age].produce }
    assert.equal((await send(producer, 0, to)).errorCode, NONE)
    const other = await idempotent()
    assert.equal((await send(other, 0, { topic })).errorCode, NONE)
    await untilForgotten(topic, other)
    assert.deepEqual(await known(topic), [producer.producerId])
    assert.equal((await send(producer, 1, to)).errorCode, NONE)
    assert.equal((await again(() => client.end(producer, true))).errorCode, NONE)
    await untilEnded(peer.client, id)
    const { records, offsets } = await readCommitted(peer.client, { topic })
    assert.deepEqual([...records.values()], ['0', '0', '1'])
    assert.equal(offsets.high, offsets.stable)
    await untilForgotten(topic, producer)
    client.close()
  })
}
