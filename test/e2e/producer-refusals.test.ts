// Goal: what a producer may not do is refused with Kafka's code, and nothing is stored. Method: raw batches, each case
// with a topic of its own; every expectation was read off Kafka, on which this file runs too, see peer.ts.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ErrorCode, errorName } from '../../src/protocol/errors.js'
import { type BatchOptions, buildTransactionMarker } from '../../src/protocol/records/batch-builder.js'
import * as calls from '../support/calls.js'
import { batchOf } from '../support/records.js'
import * as txn from '../support/transaction-calls.js'
import { produceBatch } from '../support/transaction-client.js'
import { coordinatorReady, foreign, freshName, freshTopic, Peer } from './peer.js'

const SEQUENCE_MAX = 0x7fffffff

let peer: Peer
before(async () => {
  peer = await Peer.start()
})
after(() => peer.stop())

/** A producer that says what it likes, and a topic that nobody else writes to. */
class Liar {
  private constructor(
    readonly topic: string,
    readonly producerId: number,
  ) {}

  static async new(): Promise<Liar> {
    const { producerId } = await peer.client.call(txn.initProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    })
    return new Liar(await freshTopic(peer.client), producerId)
  }

  /** `sequence count epoch` and what else the batch claims; the error's name, or the offset it was stored at. */
  async send(claim: BatchOptions & { count?: number; version?: number; id?: string | null } = {}) {
    const { count = 1, version = 9, id = null, ...options } = claim
    const values = Array.from({ length: count }, (_, index) => `v${index}`)
    const claimed = { producerId: this.producerId, producerEpoch: 0, baseSequence: 0, ...options }
    return this.sendBytes(batchOf(values, {}, claimed), version, id)
  }

  async sendBytes(bytes: Buffer, version = 9, transactionalId: string | null = null) {
    const { topic } = this
    const to = { topic, version, transactionalId }
    const { errorCode, baseOffset } = await produceBatch(peer.client, bytes, to)
    return errorCode === ErrorCode.NONE ? baseOffset : errorName(errorCode)
  }

  mark(
    marker: {
      producerId?: number
      epoch?: number
      commit?: boolean
      coordinatorEpoch?: number
      topic?: string
      partition?: number
    } = {},
    version: 1 | 2 = 1,
    transactionVersion = 0,
  ): Promise<string> {
    const { producerId = this.producerId, epoch = 0, commit = true, coordinatorEpoch = 0 } = marker
    const { topic = this.topic, partition = 0 } = marker
    return markers(version, {
      producerId,
      producerEpoch: epoch,
      transactionResult: commit,
      topics: [{ name: topic, partitionIndexes: [partition] }],
      coordinatorEpoch,
      transactionVersion,
    })
  }

  async endOffset(): Promise<number> {
    return (await offsets(this.topic)).end
  }
}

async function markers(version: 1 | 2, marker: object): Promise<string> {
  const reply = await peer.client.call(txn.writeTxnMarkers, version, { markers: [marker as never] })
  const code = reply.markers[0]?.topics[0]?.partitions[0]?.errorCode
  return code === undefined ? 'nothing' : errorName(code)
}

async function offsets(topic: string): Promise<{ start: number; end: number }> {
  const at = async (timestamp: number) => {
    const partitions = [{ partitionIndex: 0, timestamp }]
    const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions }] }
    const reply = await peer.client.call(calls.listOffsets, 6, request)
    return reply.topics[0]?.partitions[0]?.offset ?? -9
  }
  return { start: await at(-2), end: await at(-1) }
}

async function deleteRecords(topic: string, offset: number): Promise<void> {
  const partitions = [{ partitionIndex: 0, offset }]
  const request = { topics: [{ name: topic, partitions }], timeoutMs: 5_000 }
  const reply = await peer.client.call(calls.deleteRecords, 2, request)
  assert.equal(reply.topics[0]?.partitions[0]?.errorCode, ErrorCode.NONE)
}

describe('a batch', () => {
  test('without the sequence, the epoch or the producer it needs', async () => {
    const liar = await Liar.new()
    const nobody = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: true }
    assert.equal(await liar.send({ baseSequence: -1 }), 'INVALID_RECORD')
    assert.equal(await liar.send({ producerEpoch: -1, baseSequence: -1 }), 'INVALID_RECORD')
    assert.equal(await liar.send(nobody), 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    assert.equal(await liar.endOffset(), 0)
  })

  test('that Kafka takes though it makes no sense', { skip: foreign !== undefined }, async () => {
    const liar = await Liar.new()
    assert.equal(await liar.send({ producerEpoch: -1 }), 'INVALID_PRODUCER_EPOCH')
    const nobody = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: true }
    assert.equal(await liar.send({ ...nobody, id: 'x' }), 'INVALID_RECORD')
    assert.equal(await liar.endOffset(), 0)
  })

  test('with the control bit', async () => {
    const liar = await Liar.new()
    assert.equal(await liar.send({ control: true }), 'INVALID_RECORD')
    const { producerId } = liar
    const facts = { producerId, producerEpoch: 0, commit: true, coordinatorEpoch: 0, timestamp: 1 }
    const marker = buildTransactionMarker(facts)
    assert.equal(await liar.sendBytes(marker), 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    assert.equal(await liar.endOffset(), 0)
  })

  test('of an unknown producer', async () => {
    const [nine, twelve] = [await Liar.new(), await Liar.new()]
    assert.equal(await nine.send({ baseSequence: 42 }), 0)
    assert.equal(await twelve.send({ baseSequence: 42, version: 12 }), 0)
    assert.equal(await twelve.send({ producerId: 1_000_000_000, baseSequence: 7 }), 1)
  })

  test('out of order', async () => {
    const liar = await Liar.new()
    assert.equal(await liar.send({ count: 2 }), 0)
    assert.equal(await liar.send({ baseSequence: 3 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(await liar.send({ baseSequence: 1 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(await liar.send({ baseSequence: 0, count: 3 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(await liar.send({ producerEpoch: 1, baseSequence: 2 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(await liar.endOffset(), 2)
    assert.equal(await liar.send({ producerEpoch: 1, baseSequence: 0 }), 2)
    assert.equal(await liar.send({ producerEpoch: 0, baseSequence: 2 }), 'INVALID_PRODUCER_EPOCH')
    assert.equal(await liar.send({ producerEpoch: 0, baseSequence: 0, count: 2 }), 'INVALID_PRODUCER_EPOCH')
    assert.equal(await liar.endOffset(), 3)
  })

  test('where sequences begin anew', async () => {
    const liar = await Liar.new()
    assert.equal(await liar.send({ baseSequence: SEQUENCE_MAX - 2, count: 2 }), 0)
    assert.equal(await liar.send({ baseSequence: SEQUENCE_MAX, count: 3 }), 2)
    assert.equal(await liar.send({ baseSequence: SEQUENCE_MAX, count: 3 }), 2)
    assert.equal(await liar.send({ baseSequence: 1 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(await liar.send({ baseSequence: 2 }), 5)
    assert.equal(await liar.send({ producerEpoch: 1, baseSequence: 0 }), 6)
    assert.equal(await liar.send({ producerEpoch: 32_767, baseSequence: 0 }), 7)
    assert.equal(await liar.send({ producerEpoch: 32_766, baseSequence: 0 }), 'INVALID_PRODUCER_EPOCH')
  })

  test('once more: the last five get their first offsets, also when the records are gone', async () => {
    const liar = await Liar.new()
    for (let sequence = 0; sequence < 6; sequence++)
      assert.equal(await liar.send({ baseSequence: sequence }), sequence)
    const again = async () => {
      const seen: (number | string)[] = []
      for (let sequence = 0; sequence < 6; sequence++) seen.push(await liar.send({ baseSequence: sequence }))
      return seen
    }
    const five = ['OUT_OF_ORDER_SEQUENCE_NUMBER', 1, 2, 3, 4, 5]
    assert.deepEqual(await again(), five)
    await deleteRecords(liar.topic, 4)
    assert.deepEqual(await again(), five)
    await deleteRecords(liar.topic, 6)
    assert.deepEqual(await again(), five)
    assert.deepEqual(await offsets(liar.topic), { start: 6, end: 6 })
    assert.equal(await liar.send({ baseSequence: 7 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(await liar.send({ baseSequence: 6 }), 6)
  })
})

describe('a transactional batch', () => {
  for (const version of [9, 11, 12]) {
    test(`v${version} of a transaction that nobody began`, async () => {
      const liar = await Liar.new()
      const id = freshName('never-heard-of')
      await coordinatorReady(peer.client, id, 1)
      const claim = { transactional: true, version }
      assert.equal(await liar.send(claim), 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
      assert.equal(await liar.send({ ...claim, id: '' }), 'INVALID_REQUEST')
      assert.equal(await liar.send({ ...claim, id }), 'INVALID_PRODUCER_ID_MAPPING')
      assert.equal(await liar.endOffset(), 0)
    })

    test(`v${version} of a producer that has none, of another, of another epoch`, async () => {
      const liar = await Liar.new()
      const producer = await beginner(freshName('tx'))
      const { id, producerId, producerEpoch } = producer
      const claim = { transactional: true, version, id, producerId, producerEpoch }
      assert.equal(await liar.send({ ...claim, producerId: liar.producerId }), 'INVALID_PRODUCER_ID_MAPPING')
      assert.equal(await liar.send({ ...claim, producerEpoch: producerEpoch + 1 }), 'INVALID_PRODUCER_EPOCH')
      assert.equal(await liar.endOffset(), 0)
      const first = await liar.send(claim)
      const refusal = version === 9 ? 'INVALID_TXN_STATE' : 'TRANSACTION_ABORTABLE'
      assert.equal(first, version === 12 ? 0 : refusal)
    })
  }

  test('cannot be followed by one outside the transaction', async () => {
    const liar = await Liar.new()
    const { id, producerId, producerEpoch } = await beginner(freshName('tx'))
    const claim = { id, producerId, producerEpoch, version: 12 }
    assert.equal(await liar.send({ ...claim, transactional: true }), 0)
    assert.equal(await liar.send({ ...claim, baseSequence: 1 }), 'INVALID_TXN_STATE')
    assert.equal(await liar.endOffset(), 1)
  })
})

async function beginner(id: string) {
  await coordinatorReady(peer.client, id, 1)
  for (;;) {
    const request = { transactionalId: id, transactionTimeoutMs: 60_000 }
    const { errorCode, producerId, producerEpoch } = await peer.client.call(txn.initProducerId, 5, request)
    if (errorCode === ErrorCode.NONE) return { id, producerId, producerEpoch }
  }
}

describe('a marker by hand', () => {
  test('needs no right where nobody checks them, and obeys the epochs', async () => {
    const liar = await Liar.new()
    assert.equal(await liar.mark({ coordinatorEpoch: 3 }), 'NONE')
    assert.equal(await liar.endOffset(), 1)
    assert.equal(await liar.mark({ coordinatorEpoch: 2 }), 'TRANSACTION_COORDINATOR_FENCED')
    assert.equal(await liar.mark({ epoch: 5, coordinatorEpoch: 3 }), 'NONE')
    assert.equal(await liar.mark({ epoch: 4, coordinatorEpoch: 3 }), 'INVALID_PRODUCER_EPOCH')
    assert.equal(await liar.mark({ epoch: 4, coordinatorEpoch: 1 }), 'INVALID_PRODUCER_EPOCH')
    assert.equal(await liar.mark({ epoch: 5, coordinatorEpoch: 3 }, 2, 2), 'NONE')
    assert.equal(await liar.send({ producerEpoch: 4 }), 'INVALID_PRODUCER_EPOCH')
    assert.equal(await liar.send({ producerEpoch: 5, baseSequence: 1 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(await liar.mark({ partition: 7 }), 'UNKNOWN_TOPIC_OR_PARTITION')
    assert.equal(await liar.mark({ topic: 'nowhere' }), 'UNKNOWN_TOPIC_OR_PARTITION')
    assert.equal(await liar.mark({ coordinatorEpoch: -1, epoch: 6 }), 'TRANSACTION_COORDINATOR_FENCED')
    assert.equal(await liar.mark({ producerId: -1 }), 'UNKNOWN_SERVER_ERROR')
    assert.equal(await liar.mark({ epoch: -1 }), 'UNKNOWN_SERVER_ERROR')
  })
})
