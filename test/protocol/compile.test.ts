import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, decode } from '../../src/protocol/compile.js'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.js'
import { HeartbeatRequest } from '../../src/protocol/messages/heartbeat.js'
import { ProtocolError, Reader, UNSET_UUID, Writer } from '../../src/protocol/primitives.js'
import * as dsl from '../../src/protocol/schema.js'
import { decodeHex, encodeToHex } from './support/vectors.js'

const Sample = dsl.data(
  { valid: [0, 2], flexible: 1 },
  {
    id: dsl.int32(),
    name: dsl.string({ nullableSince: 1, default: 'none' }),
    old: dsl.int16({ until: 0, default: -1 }),
    late: dsl.struct({ a: dsl.int8({ default: 5 }), b: dsl.string() }, { since: 1, tag: 3 }),
    early: dsl.int32({ since: 1, tag: 1 }),
    maybe: dsl.struct({ x: dsl.int8() }, { since: 2, nullable: true, default: null }),
    list: dsl.array(dsl.uuid(), { since: 2, nullable: true, tag: 0 }),
  },
)

test('the shape is the same at every version and absent fields hold their defaults', () => {
  const late = { a: 5, b: '' }
  assert.deepEqual(decodeHex(Sample, 0, '000000010002686900ff'), {
    ...{ id: 1, name: 'hi', old: 255, late, early: 0, maybe: null, list: [] },
  })
  assert.deepEqual(decodeHex(Sample, 1, '000000010000'), {
    ...{ id: 1, name: null, old: -1, late, early: 0, maybe: null, list: [] },
  })
  const keys = Object.keys(decodeHex(Sample, 2, '0000000100ff00'))
  assert.deepEqual(keys, ['id', 'name', 'old', 'late', 'early', 'maybe', 'list'])
})

test('tagged fields are written ascending, and only when they differ from their default', () => {
  assert.equal(encodeToHex(Sample, 1, { id: 1, name: null }), '000000010000')
  assert.equal(encodeToHex(Sample, 1, { id: 1, name: null, early: 0, late: { a: 5, b: '' } }), '000000010000')
  assert.equal(
    encodeToHex(Sample, 1, { id: 1, name: null, late: { a: 6, b: '' }, early: 9 }),
    ['0000000100', '02', '010400000009', '0303060100'].join(''),
  )
  assert.equal(encodeToHex(Sample, 2, { id: 1, name: null, list: null }), '0000000100ff01000100')
})

test('fields left out are written as their defaults', () => {
  assert.equal(encodeToHex(Sample, 0, { id: 1 }), '0000000100046e6f6e65ffff')
  assert.equal(encodeToHex(Sample, 2, { id: 1, maybe: { x: 2 } }), '00000001056e6f6e6501020000')
})

test('unknown tags are skipped, and a tag must fill its size exactly', () => {
  const unknown = decodeHex(Sample, 1, '0000000100' + '02' + '010400000009' + '0902abcd')
  assert.equal(unknown.early, 9)
  for (const hex of ['0000000100' + '01' + '01050000000900', '0000000100' + '01' + '0103000000']) {
    assert.throws(() => decodeHex(Sample, 1, hex), ProtocolError)
  }
})

test('a long tagged field gets a wider size prefix', () => {
  const b = 'x'.repeat(300)
  const hex = encodeToHex(Sample, 1, { id: 1, name: null, late: { a: 1, b } })
  assert.equal(decodeHex(Sample, 1, hex).late.b, b)
  assert.ok(hex.startsWith('0000000100' + '01' + '03b002'))
})

test('a null is refused where the version allows none', () => {
  assert.throws(() => decodeHex(Sample, 0, '00000001ffff0000'), { code: 'UNEXPECTED_NULL' })
  assert.throws(() => decodeHex(HeartbeatRequest, 0, 'ffff'), { code: 'UNEXPECTED_NULL' })
})

test('a version outside the schema is a protocol error, and codecs are compiled once', () => {
  for (const version of [-1, 3, 0.5])
    assert.throws(() => codecOf(Sample, version), { code: 'UNSUPPORTED_VERSION' })
  assert.equal(codecOf(Sample, 1), codecOf(Sample, 1))
})

const fileRange = (log: number) => ({ log, segment: 0, position: 0 })

test('a fetch response carries its records as slices between byte ranges', () => {
  const writer = new Writer().reset()
  const partition = (
    partitionIndex: number,
    records: dsl.Draft<typeof FetchResponse>['responses'][0]['partitions'][0]['records'],
  ) => ({
    ...{ partitionIndex, errorCode: 0, highWatermark: 10, abortedTransactions: null, records },
  })
  codecOf(FetchResponse, 12).encode(writer, {
    responses: [
      {
        topic: 't',
        partitions: [
          partition(0, { slice: fileRange(1), length: 200 }),
          partition(1, null),
          partition(2, { slice: fileRange(2), length: 3 }),
        ],
      },
    ],
  })
  const { slices } = writer
  const parts = [0, 1].map((i) => ({ log: slices.log[i], at: slices.at[i], length: slices.length[i] ?? 0 }))
  assert.equal(slices.count, 2)
  assert.deepEqual(
    parts.map(({ log, length }) => ({ log, length })),
    [
      { log: 1, length: 200 },
      { log: 2, length: 3 },
    ],
  )
  let at = 0
  const pieces: Buffer[] = []
  for (const part of parts) {
    pieces.push(writer.bytesWritten().subarray(at, part.at), Buffer.alloc(part.length, 0xab))
    at = part.at ?? 0
  }
  const whole = Buffer.concat([...pieces, writer.bytesWritten().subarray(at)])
  assert.equal(whole.length, writer.length + writer.sliceBytes)
  const decoded = decode(FetchResponse, 12, new Reader(whole))
  const lengths = decoded.responses[0]?.partitions.map(({ records }) => records?.length ?? null)
  assert.deepEqual(lengths, [200, null, 3])
})

test('a fetch request at its oldest and newest version has the defaults Kafka gives', () => {
  const value = { maxWaitMs: 1, minBytes: 1, maxBytes: 1, isolationLevel: 0, topics: [] }
  const expected = {
    ...{ clusterId: null, replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1 } },
    ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
  }
  for (const version of [4, 18]) {
    const decoded = decodeHex(FetchRequest, version, encodeToHex(FetchRequest, version, value))
    assert.deepEqual(decoded, { ...expected, ...value })
  }
  const [topic] = decodeHex(
    FetchRequest,
    18,
    encodeToHex(FetchRequest, 18, {
      ...value,
      topics: [{ partitions: [{ partition: 3, fetchOffset: 4, partitionMaxBytes: 5 }] }],
    }),
  ).topics
  assert.equal(topic?.topicId, UNSET_UUID)
  assert.equal(topic?.partitions[0]?.highWatermark, Number.MAX_SAFE_INTEGER)
})
