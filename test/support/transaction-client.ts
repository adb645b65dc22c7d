// A transactional producer on the wire, one request at a time, in the protocol of either age. It retries nothing and
// remembers nothing: what a client would do is for the test to say.

import * as calls from './calls.js'
import { batchOf } from './records.js'
import * as txn from './transaction-calls.js'
import { WireClient } from './wire-client.js'

/** Request versions: 2 as of KIP-890, 0 as clients before it spoke. */
export const Age = {
  old: { init: 4, add: 3, addOffsets: 3, produce: 9, commitOffsets: 3, end: 3 },
  new: { init: 5, add: 5, addOffsets: 4, produce: 12, commitOffsets: 5, end: 5 },
} as const
export type Age = keyof typeof Age

export interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

export interface Produced {
  readonly errorCode: number
  readonly baseOffset: number
}

export class TransactionClient {
  private constructor(
    readonly client: WireClient,
    readonly age: Age,
    readonly transactionalId: string,
  ) {}

  static async open(bootstrap: string, age: Age, transactionalId: string): Promise<TransactionClient> {
    return new TransactionClient(await WireClient.open(bootstrap), age, transactionalId)
  }

  close(): void {
    this.client.close()
  }

  init(transactionTimeoutMs = 60_000, expected: Producer = { producerId: -1, producerEpoch: -1 }) {
    const { transactionalId } = this
    const request = { transactionalId, transactionTimeoutMs, ...expected }
    return this.client.call(txn.initProducerId, Age[this.age].init, request)
  }

  async add(producer: Producer, topic: string, partition = 0): Promise<number | undefined> {
    const version = Age[this.age].add
    const { transactionalId } = this
    const topics = [{ name: topic, partitions: [partition] }]
    if (version >= 4) {
      const transactions = [{ transactionalId, ...producer, verifyOnly: false, topics }]
      const { resultsByTransaction } = await this.client.call(txn.addPartitionsToTxn, version, {
        transactions,
      })
      return resultsByTransaction[0]?.topicResults[0]?.resultsByPartition[0]?.partitionErrorCode
    }
    const { resultsByTopicV3AndBelow } = await this.client.call(txn.addPartitionsToTxn, version, {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: topics,
    })
    return resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode
  }

  /** One batch of these texts. */
  async produce(
    producer: Producer,
    texts: readonly string[],
    to: { readonly topic: string; readonly partition?: number; readonly sequence: number },
  ): Promise<Produced> {
    const { topic, partition = 0, sequence } = to
    const records = batchOf(texts, {}, { ...producer, baseSequence: sequence, transactional: true })
    return produceBatch(this.client, records, {
      topic,
      partition,
      version: Age[this.age].produce,
      transactionalId: this.transactionalId,
    })
  }

  async addOffsets(producer: Producer, groupId: string): Promise<number> {
    const request = { transactionalId: this.transactionalId, ...producer, groupId }
    return (await this.client.call(txn.addOffsetsToTxn, Age[this.age].addOffsets, request)).errorCode
  }

  async commitOffset(producer: Producer, groupId: string, topic: string, offset: number) {
    const partition = { partitionIndex: 0, committedOffset: offset, committedMetadata: null }
    const reply = await this.client.call(txn.txnOffsetCommit, Age[this.age].commitOffsets, {
      transactionalId: this.transactionalId,
      groupId,
      ...producer,
      topics: [{ name: topic, partitions: [partition] }],
    })
    return reply.topics[0]?.partitions[0]?.errorCode
  }

  end(producer: Producer, committed: boolean) {
    const request = { transactionalId: this.transactionalId, ...producer, committed }
    return this.client.call(txn.endTxn, Age[this.age].end, request)
  }
}

export async function produceBatch(
  client: WireClient,
  records: Buffer,
  to: {
    readonly topic: string
    readonly partition?: number
    readonly version?: number
    readonly transactionalId?: string | null
  },
): Promise<Produced> {
  const { topic, partition: index = 0, version = 9, transactionalId = null } = to
  const answer = await client.call(calls.produce, version, {
    transactionalId,
    acks: -1,
    timeoutMs: 5_000,
    topicData: [{ name: topic, partitionData: [{ index, records }] }],
  })
  const [partition] = answer.responses[0]?.partitionResponses ?? []
  return { errorCode: partition?.errorCode ?? -99, baseOffset: partition?.baseOffset ?? -99 }
}
