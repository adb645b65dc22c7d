// Goal: records go in and come out, over a real socket and real files.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as calls from '../support/calls.js'
import { batchOf } from '../support/records.js'
import { requestFrame } from '../support/wire.js'
import { WireClient } from '../support/wire-client.js'
import { createTopic, fetchTexts, produce, produceTexts, withBroker } from './fixture.js'

test('records come out in order, from any offset, with every acks', () =>
  withBroker(async (client) => {
    await createTopic(client, 't')
    assert.deepEqual(await produceTexts(client, 't', ['a', 'b']), { errorCode: 0, baseOffset: 0 })
    assert.deepEqual(await produce(client, 't', batchOf(['c']), { acks: 1 }), { errorCode: 0, baseOffset: 2 })
    assert.deepEqual(await fetchTexts(client, 't'), {
      errorCode: 0,
      highWatermark: 3,
      records: [
        [0, 'a'],
        [1, 'b'],
        [2, 'c'],
      ],
    })
    const { records } = await fetchTexts(client, 't', { offset: 2 })
    assert.deepEqual(records, [[2, 'c']])
    const beyond = await fetchTexts(client, 't', { offset: 9 })
    assert.equal(beyond.errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
    const end = await fetchTexts(client, 't', { offset: 3 })
    assert.deepEqual([end.errorCode, end.records], [0, []])
  }))

test('acks=0 is not answered and the next answer follows at once', () =>
  withBroker(async (client) => {
    await createTopic(client, 't')
    const [request] = calls.produce
    client.write(
      requestFrame(request, 9, {
        transactionalId: null,
        acks: 0,
        timeoutMs: 1000,
        topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf(['silent']) }] }],
      }),
    )
    assert.deepEqual(await produceTexts(client, 't', ['loud']), { errorCode: 0, baseOffset: 1 })
    const { records } = await fetchTexts(client, 't')
    assert.deepEqual(records, [
      [0, 'silent'],
      [1, 'loud'],
    ])
  }))

test('pipelined produces are answered in order', () =>
  withBroker(async (client) => {
    await createTopic(client, 't')
    const answers = Array.from({ length: 50 }, (_, i) => produceTexts(client, 't', [`${i}`]))
    const offsets = (await Promise.all(answers)).map(({ baseOffset }) => baseOffset)
    assert.deepEqual(
      offsets,
      Array.from({ length: 50 }, (_, i) => i),
    )
  }))

test('a fetch that waits is answered by the append it waits for', () =>
  withBroker(async (client, broker) => {
    await createTopic(client, 't')
    const waiting = fetchTexts(client, 't', { maxWaitMs: 30_000 })
    const other = await WireClient.open(broker.bootstrap)
    await produceTexts(other, 't', ['late'])
    assert.deepEqual((await waiting).records, [[0, 'late']])
    other.close()
  }))

test('large records and many batches come back whole', () =>
  withBroker(async (client) => {
    await createTopic(client, 't')
    const big = 'x'.repeat(900_000)
    for (let i = 0; i < 5; i++) assert.equal((await produceTexts(client, 't', [`${i}${big}`])).errorCode, 0)
    const seen: string[] = []
    for (let offset = 0; offset < 5; ) {
      const { records } = await fetchTexts(client, 't', { offset, maxBytes: 2_000_000 })
      assert.ok(records.length > 0)
      for (const [, text] of records) seen.push(text)
      offset = (records.at(-1)?.[0] as number) + 1
    }
    assert.deepEqual(
      seen.map((text) => [text[0], text.length]),
      ['0', '1', '2', '3', '4'].map((digit) => [digit, 900_001]),
    )
  }))

const refused: [string, () => Buffer, number][] = [
  ['a corrupt checksum', () => damaged(20, 0xff), ErrorCode.CORRUPT_MESSAGE],
  ['a changed record', () => damaged(70, 0x01), ErrorCode.CORRUPT_MESSAGE],
  ['an old magic', () => damaged(16, 0x03), ErrorCode.INVALID_RECORD],
  ['half a batch', () => batchOf(['a']).subarray(0, 40), ErrorCode.INVALID_RECORD],
  ['two batches', () => Buffer.concat([batchOf(['a']), batchOf(['b'])]), ErrorCode.INVALID_RECORD],
  ['a batch over the limit', () => batchOf(['x'.repeat(1_100_000)]), ErrorCode.MESSAGE_TOO_LARGE],
]

function damaged(at: number, mask: number): Buffer {
  const batch = batchOf(['value'])
  batch[at] = (batch[at] as number) ^ mask
  return batch
}

for (const [name, records, errorCode] of refused) {
  test(`${name} is refused and nothing of it is kept`, () =>
    withBroker(async (client) => {
      await createTopic(client, 't')
      const answer = await produce(client, 't', records())
      assert.equal(answer.errorCode, errorCode)
      const { highWatermark, records: kept } = await fetchTexts(client, 't')
      assert.deepEqual([highWatermark, kept], [0, []])
    }))
}

test('unknown topics, partitions and acks are refused per partition', () =>
  withBroker(async (client) => {
    await createTopic(client, 't')
    const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert.equal((await produceTexts(client, 'nowhere', ['a'])).errorCode, unknown)
    assert.equal((await produceTexts(client, 't', ['a'], 7)).errorCode, unknown)
    assert.equal((await fetchTexts(client, 'nowhere')).errorCode, unknown)
    const acks = await produce(client, 't', batchOf(['a']), { acks: 5 })
    assert.equal(acks.errorCode, ErrorCode.INVALID_REQUIRED_ACKS)
  }))

test('offsets are listed by position and by time', () =>
  withBroker(async (client) => {
    await createTopic(client, 't')
    await produceTexts(client, 't', ['a', 'b', 'c'])
    const list = async (timestamp: number) => {
      const answer = await client.call(calls.listOffsets, 7, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: 't', partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }] }],
      })
      const [partition] = answer.topics[0]?.partitions ?? []
      return [partition?.errorCode, partition?.offset]
    }
    assert.deepEqual(await list(-1), [0, 3])
    assert.deepEqual(await list(-2), [0, 0])
    assert.deepEqual(await list(1_700_000_000_000), [0, 0])
    assert.deepEqual(await list(1_700_000_000_001), [0, -1])
  }))
