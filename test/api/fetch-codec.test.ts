// Goal: the codec of Fetch reads and writes what the schemas describe, in every version, and refuses what they refuse.
// Method: the schemas' own codecs are the model; requests are also cut and changed at any byte.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type FetchAnswer, fetchError } from '../../src/api/fetch-answer.js'
import { fetchCodec } from '../../src/api/fetch-codec.js'
import type { FetchRequestView } from '../../src/api/fetch-request.js'
import { RowList } from '../../src/fetch/fetch-context.js'
import { FetchRows } from '../../src/fetch/fetch-rows.js'
import { RowsPool } from '../../src/fetch/rows-pool.js'
import { decode, encode } from '../../src/protocol/compile.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.js'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { Reader, UNSET_UUID } from '../../src/protocol/reader.js'
import { Writer } from '../../src/protocol/writer.js'
import { fetched } from './fetch-exchange.js'

const codec = fetchCodec(new RowsPool())

const int32 = fc.oneof(fc.integer({ min: -1, max: 5 }), fc.integer({ min: -0x80000000, max: 0x7fffffff }))
const int64 = fc.oneof(fc.integer({ min: -1, max: 300 }), fc.maxSafeInteger())
const uuid = fc.constantFrom(UNSET_UUID, 'aaaaaaaaaaaaaaaaaaaaaA', 'AAECAwQFBgcICQoLDA0ODw')
const name = fc.oneof(fc.constantFrom('a', 'orders'), fc.string({ unit: 'grapheme', maxLength: 40 }))
const version = fc.integer({ min: 4, max: 18 })

const request = fc.record({
  clusterId: fc.option(name),
  replicaId: int32,
  replicaState: fc.record({ replicaId: int32, replicaEpoch: int64 }),
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32,
  isolationLevel: fc.integer({ min: -128, max: 127 }),
  sessionId: int32,
  sessionEpoch: int32,
  topics: fc.array(
    fc.record({
      topic: name,
      topicId: uuid,
      partitions: fc.array(
        fc.record({
          partition: int32,
          currentLeaderEpoch: int32,
          fetchOffset: int64,
          lastFetchedEpoch: int32,
          logStartOffset: int64,
          partitionMaxBytes: int32,
          replicaDirectoryId: uuid,
          highWatermark: int64,
        }),
        { maxLength: 9 },
      ),
    }),
    { maxLength: 3 },
  ),
  forgottenTopicsData: fc.array(
    fc.record({ topic: name, topicId: uuid, partitions: fc.array(int32, { maxLength: 3 }) }),
    { maxLength: 2 },
  ),
  rackId: name,
})

/** What the handler is told, of a request that the schema decoded. */
function told(request: FetchRequest, version: number) {
  const { maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch } = request
  const wishes = request.topics.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(({ partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, partitionMaxBytes }) => {
      const epochs = [currentLeaderEpoch, lastFetchedEpoch]
      return [topic, topicId, partition, fetchOffset, partitionMaxBytes, ...epochs]
    }),
  )
  const bounds = [maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch]
  const privileged = request.replicaId >= 0 || request.replicaState.replicaId >= 0
  return { bounds, traits: [version >= 13, privileged], wishes, forgotten: request.forgottenTopicsData }
}

function viewed(view: FetchRequestView) {
  const { maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch } = view
  const { wishes: rows } = view
  const wishes = []
  for (let row = rows.first; row >= 0; row = rows.next(row)) {
    const { topic, topicId } = rows.topicOf(row)
    const epochs = [rows.currentLeaderEpoch(row), rows.lastFetchedEpoch(row)]
    wishes.push([topic, topicId, rows.partition(row), rows.offset(row), rows.maxBytes(row), ...epochs])
  }
  const bounds = [maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch]
  return { bounds, traits: [view.usesTopicIds, view.privileged], wishes, forgotten: view.forgotten }
}

/** What was read and where reading ended, or how it was refused. */
function outcome(read: (reader: Reader) => unknown, bytes: Buffer) {
  const reader = new Reader(bytes)
  try {
    return { value: read(reader), position: reader.position }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { refused: error.message }
  }
}

function assertReadAlike(bytes: Buffer, version: number): void {
  const model = outcome((reader) => told(decode(FetchRequest, version, reader), version), bytes)
  const read = (reader: Reader) =>
    viewed(decode(codec.request, version, reader) as unknown as FetchRequestView)
  assert.deepEqual(outcome(read, bytes), model)
}

test('requests are read as the schema reads them, whole, cut and changed', () => {
  fc.assert(
    fc.property(version, request, fc.nat(), fc.nat({ max: 255 }), (version, request, at, byte) => {
      const writer = new Writer().reset()
      encode(FetchRequest, version, writer, request)
      const bytes = Buffer.from(writer.bytesWritten())
      assertReadAlike(bytes, version)
      assertReadAlike(bytes.subarray(0, at % bytes.length), version)
      bytes[at % bytes.length] = byte
      assertReadAlike(bytes, version)
    }),
    { numRuns: 2_000 },
  )
})

test('a topic without partitions leaves nothing in the table', () => {
  const writer = new Writer().reset()
  const topics = Array.from({ length: 50 }, (_, i) => ({ topic: `t${i}`, partitions: [] }))
  const bounds = { maxWaitMs: 0, minBytes: 0, isolationLevel: 0 }
  encode(FetchRequest, 12, writer, { ...bounds, topics })
  const read = decode(codec.request, 12, new Reader(Buffer.from(writer.bytesWritten())))
  const { wishes } = read as unknown as FetchRequestView
  assert.deepEqual([wishes.size, wishes.addTopic({ topic: 'first', topicId: '' })], [0, 0])
})

const partitionAnswer = fc.record({
  topic: fc.nat({ max: 2 }),
  partition: int32,
  errorCode: fc.constantFrom(ErrorCode.NONE, ErrorCode.NONE, ErrorCode.KAFKA_STORAGE_ERROR),
  highWatermark: int64,
  lastStableOffset: int64,
  logStartOffset: int64,
  length: fc.constantFrom(0, 0, 1, 200),
  divergingEpoch: fc.constantFrom(-1, -1, 0, 7),
  aborted: fc.array(fc.record({ producerId: int64, firstOffset: int64 }, { noNullPrototype: true }), {
    maxLength: 2,
  }),
})
type PartitionAnswer = typeof partitionAnswer extends fc.Arbitrary<infer T> ? T : never

const TOPICS = ['a', 'orders', 'ü'].map((topic, i) => ({
  topic,
  topicId: `AAECAwQFBgcICQoLDA0OD${'AQg'[i]}`,
}))

function answerOf(partitions: readonly PartitionAnswer[], isolation: number): FetchAnswer {
  const rows = new FetchRows()
  const named = new RowList()
  for (const topic of TOPICS) rows.addTopic(topic)
  for (const wanted of partitions) {
    const row = rows.add(wanted.topic, wanted.partition)
    rows.answer(row, wanted.errorCode, wanted.highWatermark, wanted.lastStableOffset, wanted.logStartOffset)
    if (wanted.divergingEpoch >= 0) rows.setDivergence(row, wanted.divergingEpoch, wanted.highWatermark)
    rows.setRange(row, row, 5, 2 ** 33, wanted.length)
    const unused = { lastOffset: 0, lastStableOffset: 0 }
    rows.setAborted(
      row,
      wanted.aborted.map((transaction) => ({ ...transaction, ...unused })),
    )
    named.push(row)
  }
  return { errorCode: 3, sessionId: 9, isolation, rows, named }
}

test('answers are read by the schema as what they say', () => {
  fc.assert(
    fc.property(
      version,
      fc.array(partitionAnswer, { maxLength: 9 }),
      fc.nat({ max: 1 }),
      (version, partitions, isolation) => {
        const writer = new Writer().reset()
        encode(codec.response, version, writer, answerOf(partitions, isolation) as never)
        const read = fetched(version, writer)
        const sessions = version >= 7
        assert.deepEqual([read.errorCode, read.sessionId], sessions ? [3, 9] : [0, 0])
        const named = read.responses.flatMap(({ topic, topicId, partitions }) =>
          partitions.map((partition) => ({ topic, topicId, ...partition })),
        )
        assert.equal(named.length, partitions.length)
        for (const [row, wanted] of partitions.entries()) {
          const got = named[row] as (typeof named)[number]
          const topic = TOPICS[wanted.topic] as (typeof TOPICS)[number]
          assert.equal(version >= 13 ? got.topicId : got.topic, version >= 13 ? topic.topicId : topic.topic)
          const failed = wanted.errorCode !== ErrorCode.NONE
          const code = failed && version < 6 ? ErrorCode.NOT_LEADER_OR_FOLLOWER : wanted.errorCode
          assert.deepEqual([got.partitionIndex, got.errorCode], [wanted.partition, code])
          const { highWatermark, lastStableOffset } = wanted
          const logStartOffset = version >= 5 ? wanted.logStartOffset : -1
          assert.deepEqual(
            [got.highWatermark, got.lastStableOffset, got.logStartOffset, got.preferredReadReplica],
            [highWatermark, lastStableOffset, logStartOffset, -1],
          )
          const parts = version >= 12 && wanted.divergingEpoch >= 0
          assert.deepEqual(
            got.divergingEpoch,
            parts ? { epoch: wanted.divergingEpoch, endOffset: highWatermark } : { epoch: -1, endOffset: -1 },
          )
          assert.deepEqual(got.abortedTransactions, isolation === 1 && !failed ? wanted.aborted : null)
          const slice = wanted.length > 0 ? { log: row, segment: 5, position: 2 ** 33 } : null
          assert.deepEqual(got.records, { slice, length: wanted.length })
        }
      },
    ),
    { numRuns: 1_000 },
  )
})

test('an answer of nothing but a code', () => {
  const writer = new Writer().reset()
  encode(codec.response, 12, writer, fetchError(ErrorCode.FETCH_SESSION_ID_NOT_FOUND) as never)
  const read = decode(FetchResponse, 12, new Reader(writer.bytesWritten()))
  assert.deepEqual([read.errorCode, read.responses], [ErrorCode.FETCH_SESSION_ID_NOT_FOUND, []])
})
