// An honest client beside the attackers: it must be served all the time and read back exactly what it wrote.

import { deepEqual, equal } from 'node:assert/strict'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { createTopics, fetchRecords, listOffsets, produce } from '../support/calls.js'
import { WireClient } from '../support/wire-client.js'

const CHECK_MS = 100
/** Far above what an answer takes: the machine may be busy with other things, too. */
const ANSWER_MS_MAX = 60_000
const PRODUCE_VERSION = 9
const FETCH_VERSION = 12
const PARTITION = 0

export class Witness {
  checks = 0
  private readonly batches: Buffer[] = []

  static async connect(port: number, topics: { own: string; attacked: string }): Promise<Witness> {
    const client = await WireClient.open(`127.0.0.1:${port}`)
    const wanted = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
    const created = await client.call(createTopics, 4, {
      topics: [topics.own, topics.attacked].map((name) => ({ name, ...wanted })),
      timeoutMs: 10_000,
    })
    deepEqual(
      created.topics.map(({ errorCode }) => errorCode),
      [0, 0],
    )
    return new Witness(client, topics.own)
  }

  private constructor(
    private readonly client: WireClient,
    private readonly topic: string,
  ) {}

  /** Writes one batch; the broker must acknowledge it at the next offset, in bounded time. */
  async check(): Promise<void> {
    // Records of long ago would fall to retention in a long run.
    const timestamp = Date.now()
    const batch = buildBatch([{ key: null, value: Buffer.from(`check ${this.checks}`), timestamp }])
    const answer = await inTime(
      this.client.call(produce, PRODUCE_VERSION, {
        ...{ transactionalId: null, acks: 1, timeoutMs: 1000 },
        topicData: [{ name: this.topic, partitionData: [{ index: PARTITION, records: batch }] }],
      }),
    )
    const [partition] = answer.responses[0]?.partitionResponses ?? []
    deepEqual([partition?.errorCode, partition?.baseOffset], [0, this.checks])
    this.batches.push(batch)
    this.checks++
    await new Promise((wake) => setTimeout(wake, CHECK_MS))
  }

  /** Every byte of every batch, base offset and leader epoch aside, comes back; nothing else was stored. */
  async verify(): Promise<void> {
    const ends = await this.client.call(listOffsets, 5, {
      ...{ replicaId: -1, isolationLevel: 0 },
      topics: [{ name: this.topic, partitions: [{ partitionIndex: PARTITION, timestamp: -1 }] }],
    })
    equal(ends.topics[0]?.partitions[0]?.offset, this.checks)
    for (const [offset, batch] of this.batches.entries()) {
      const stored = await this.read(offset, batch.length)
      deepEqual(stored.subarray(16), batch.subarray(16))
      equal(Number(stored.readBigInt64BE(0)), offset)
    }
  }

  close(): void {
    this.client.close()
  }

  private async read(fetchOffset: number, length: number): Promise<Buffer> {
    const request = { partition: PARTITION, fetchOffset, partitionMaxBytes: 1, currentLeaderEpoch: -1 }
    const frame = await this.client.exchange(fetchRecords, FETCH_VERSION, {
      ...{ replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1, isolationLevel: 0 },
      ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
      topics: [{ topic: this.topic, partitions: [request] }],
    })
    const records = frame.body.responses[0]?.partitions[0]?.records
    equal(records?.length, length)
    return frame.bytes.subarray(records?.position, (records?.position ?? 0) + length)
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(`no answer within ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
