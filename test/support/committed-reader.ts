// What a consumer of committed records gets from a broker, and the offsets that bound it.

import * as header from '../../src/protocol/records/batch-header.js'
import { readBatch } from '../../src/protocol/records/batch-reader.js'
import * as calls from './calls.js'
import * as txn from './transaction-calls.js'
import type { WireClient } from './wire-client.js'

const FETCH_BYTES_MAX = 1 << 20

export interface Aborted {
  readonly producerId: number
  readonly firstOffset: number
}

export interface Offsets {
  readonly stable: number
  readonly high: number
  readonly start: number
}

/** The value of every committed record from `from` on, by offset; as Kafka's consumer finds them, fetch after fetch. */
export async function readCommitted(
  client: WireClient,
  place: { readonly topic: string; readonly partition?: number; readonly from?: number },
): Promise<{ readonly records: Map<number, string>; readonly offsets: Offsets }> {
  const { topic, partition = 0, from = 0 } = place
  const records = new Map<number, string>()
  for (let offset = from; ; ) {
    const fetched = await fetchCommitted(client, { topic, partition, offset })
    if (fetched.next === offset) return { records, offsets: fetched.offsets }
    for (const each of fetched.records) records.set(each.offset, each.text)
    offset = fetched.next
  }
}

/** One fetch of committed records. */
export interface CommittedFetch {
  /** From the offset that was asked for on. */
  readonly records: readonly { readonly offset: number; readonly text: string }[]
  /** After the last batch; the offset that was asked for when there is none. */
  readonly next: number
  readonly aborted: readonly Aborted[]
  readonly offsets: Offsets
}

export async function fetchCommitted(
  client: WireClient,
  place: {
    readonly topic: string
    readonly partition?: number
    readonly offset: number
    readonly maxBytes?: number
    readonly maxWaitMs?: number
  },
): Promise<CommittedFetch> {
  const { topic, partition: index = 0, offset, maxBytes = FETCH_BYTES_MAX, maxWaitMs = 0 } = place
  const wish = { currentLeaderEpoch: -1, logStartOffset: -1, partitionMaxBytes: maxBytes }
  const { body, bytes: frame } = await client.exchange(calls.fetchRecords, 11, {
    replicaId: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes,
    isolationLevel: 1,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [{ partition: index, fetchOffset: offset, ...wish }] }],
    forgottenTopicsData: [],
    rackId: '',
  })
  const partition = body.responses[0]?.partitions[0]
  if (partition === undefined || partition.errorCode !== 0) {
    throw new Error(`fetch of ${topic} from ${offset}: error ${partition?.errorCode ?? body.errorCode}`)
  }
  const { records, lastStableOffset: stable, highWatermark: high, logStartOffset: start } = partition
  const { position = 0, length = 0 } = records ?? {}
  const bytes = frame.subarray(position, position + length)
  const aborted = partition.abortedTransactions ?? []
  return {
    records: committedOf(bytes, aborted).filter((record) => record.offset >= offset),
    next: Math.max(offset, endOf(bytes)),
    aborted,
    offsets: { stable, high, start },
  }
}

/** The committed ones among these batches. `aborted` as the broker lists them. */
export function committedOf(bytes: Buffer, aborted: readonly Aborted[]): { offset: number; text: string }[] {
  const found: { offset: number; text: string }[] = []
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const dropped = new Set<number>()
  for (let at = 0; header.batchEnd(bytes, at, bytes.length) > 0; at += header.batchSize(bytes, at)) {
    const producerId = header.producerId(bytes, at)
    while ((waiting[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= header.lastOffset(bytes, at)) {
      dropped.add((waiting.shift() as Aborted).producerId)
    }
    if (header.isControl(bytes, at)) {
      const [record] = readBatch(bytes, at)
      if (record?.key?.readInt16BE(2) === 0) dropped.delete(producerId)
    } else if (!(header.isTransactional(bytes, at) && dropped.has(producerId))) {
      for (const { offset, value } of readBatch(bytes, at)) found.push({ offset, text: String(value) })
    }
  }
  return found
}

function endOf(bytes: Buffer): number {
  let end = -1
  for (let at = 0; header.batchEnd(bytes, at, bytes.length) > 0; at += header.batchSize(bytes, at)) {
    end = header.lastOffset(bytes, at) + 1
  }
  return end
}

/** Asks until no transaction of this id is being ended any more, so that its markers are where they belong. */
export async function untilEnded(client: WireClient, transactionalId: string): Promise<void> {
  for (;;) {
    const request = { transactionalIds: [transactionalId] }
    const [described] = (await client.call(txn.describeTransactions, 0, request)).transactionStates
    if (described?.errorCode === 0 && !/^Prepare/.test(described.transactionState)) return
  }
}
