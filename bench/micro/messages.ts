// The messages the micro-benchmarks use: a producer's and a consumer's steady state, for any number of partitions.

import type { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.js'
import type { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import type { Draft } from '../../src/protocol/schema.js'

export interface Shape {
  readonly topics: number
  readonly partitions: number
}

const TIMESTAMP = 1_700_000_000_000
const topicName = (index: number): string => `orders-${index}`

function forEach<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/** One uncompressed record whose batch has about `bytes` bytes. */
export function batchOf(bytes: number): Buffer {
  const value = Buffer.alloc(Math.max(1, bytes - 80), 0x61)
  return buildBatch([{ key: null, value, timestamp: TIMESTAMP }])
}

export function produceOf(shape: Shape & { readonly recordsBytes: number }): Draft<typeof ProduceRequest> {
  const records = batchOf(shape.recordsBytes)
  return {
    transactionalId: null,
    acks: -1,
    timeoutMs: 30_000,
    topicData: forEach(shape.topics, (topic) => ({
      name: topicName(topic),
      partitionData: forEach(shape.partitions, (index) => ({ index, records })),
    })),
  }
}

export function produceAnswerOf(shape: Shape): Draft<typeof ProduceResponse> {
  return {
    responses: forEach(shape.topics, (topic) => ({
      name: topicName(topic),
      partitionResponses: forEach(shape.partitions, (index) => ({
        index,
        errorCode: 0,
        baseOffset: 1_000_000 + index,
        logStartOffset: 0,
        recordErrors: [],
      })),
    })),
  }
}

export function fetchOf(shape: Shape): Draft<typeof FetchRequest> {
  return {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 50 << 20,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: forEach(shape.topics, (topic) => ({
      topic: topicName(topic),
      partitions: forEach(shape.partitions, (partition) => ({
        partition,
        fetchOffset: 1_000_000 + partition,
        partitionMaxBytes: 1 << 20,
      })),
    })),
    forgottenTopicsData: [],
    rackId: '',
  }
}

export function fetchAnswerOf(shape: Shape & { readonly recordsBytes: number }): Draft<typeof FetchResponse> {
  const records = { slice: { log: 1, segment: 0, position: 4_096 }, length: shape.recordsBytes }
  return {
    errorCode: 0,
    sessionId: 0,
    responses: forEach(shape.topics, (topic) => ({
      topic: topicName(topic),
      partitions: forEach(shape.partitions, (partitionIndex) => ({
        partitionIndex,
        errorCode: 0,
        highWatermark: 2_000_000,
        lastStableOffset: 2_000_000,
        logStartOffset: 0,
        abortedTransactions: null,
        records,
      })),
    })),
  }
}
