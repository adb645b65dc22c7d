import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
} from '../../src/protocol/messages/consumer-protocol.js'
import {
  GroupMetadataKey,
  OffsetCommitKey,
  OffsetCommitValue,
} from '../../src/protocol/messages/group-metadata-records.js'
import { TopicRecord } from '../../src/protocol/messages/metadata-records.js'
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  metadataRecordTypeOf,
} from '../../src/protocol/metadata-frame.js'
import {
  decodeRecordKey,
  decodeVersioned,
  decodeVersionedPrefix,
  encodeRecordKey,
  encodeVersioned,
  recordTypeOf,
} from '../../src/protocol/versioned.js'

test('a subscription of a newer version is read as far as it is known', () => {
  const blob = encodeVersioned(ConsumerProtocolSubscription, 3, {
    topics: ['a'],
    generationId: 4,
    rackId: 'r',
  })
  assert.equal(
    blob.toString('hex'),
    '0003' + '00000001000161' + 'ffffffff' + '00000000' + '00000004' + '000172',
  )
  const newer = Buffer.concat([blob, Buffer.from('later fields')])
  newer.writeInt16BE(9, 0)
  assert.deepEqual(decodeVersionedPrefix(ConsumerProtocolSubscription, newer), {
    ...{ topics: ['a'], userData: null, ownedPartitions: [], generationId: 4, rackId: 'r' },
  })
  assert.throws(() => decodeVersioned(ConsumerProtocolSubscription, newer), { code: 'UNSUPPORTED_VERSION' })
  newer.writeInt16BE(-1, 0)
  assert.throws(() => decodeVersionedPrefix(ConsumerProtocolSubscription, newer), {
    code: 'UNSUPPORTED_VERSION',
  })
})

test('an assignment keeps its partitions and user data', () => {
  const assignment = {
    assignedPartitions: [{ topic: 't', partitions: [0, 2] }],
    userData: Buffer.from([1, 2]),
  }
  const blob = encodeVersioned(ConsumerProtocolAssignment, 1, assignment)
  assert.deepEqual(decodeVersionedPrefix(ConsumerProtocolAssignment, blob), assignment)
})

test('a coordinator record has its type in the key and its version in the value', () => {
  const key = encodeRecordKey(OffsetCommitKey, { group: 'g', topic: 't', partition: 5 })
  assert.equal(key.toString('hex'), '0001' + '000167' + '000174' + '00000005')
  assert.equal(recordTypeOf(key), OffsetCommitKey.key)
  assert.deepEqual(decodeRecordKey(OffsetCommitKey, key), { group: 'g', topic: 't', partition: 5 })
  assert.throws(() => decodeRecordKey(GroupMetadataKey, key), { code: 'INVALID_RECORD' })
  const value = encodeVersioned(OffsetCommitValue, 3, {
    offset: 7,
    leaderEpoch: 2,
    metadata: '',
    commitTimestamp: 9,
  })
  assert.equal(value.toString('hex'), '0003' + '0000000000000007' + '00000002' + '0000' + '0000000000000009')
  assert.equal(decodeVersioned(OffsetCommitValue, value).offset, 7)
})

test('a metadata record is framed by frame version, type and version', () => {
  const topic = { name: 't', topicId: 'AAECAwQFBgcICQoLDA0ODw' }
  const record = encodeMetadataRecord(TopicRecord, 0, topic)
  assert.equal(record.toString('hex'), '010200' + '0274' + '000102030405060708090a0b0c0d0e0f' + '00')
  assert.equal(metadataRecordTypeOf(record), TopicRecord.key)
  assert.deepEqual(decodeMetadataRecord(TopicRecord, record), topic)
  assert.throws(() => metadataRecordTypeOf(Buffer.from([2, 2, 0])), { code: 'UNSUPPORTED_VERSION' })
  assert.throws(() => metadataRecordTypeOf(Buffer.alloc(0)), { code: 'UNDERFLOW' })
  assert.throws(() => decodeMetadataRecord(TopicRecord, Buffer.from([1, 3, 0])), { code: 'INVALID_RECORD' })
})
