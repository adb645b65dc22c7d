// Records of __consumer_offsets byte for byte as Kafka writes them, and what of Kafka's we must be able to read.

import assert from 'node:assert/strict'
import test from 'node:test'
import { encodeEntry } from '../../src/coordinator/record-encoder.js'
import { coordinatorPartition } from '../../src/groups/coordinator-partition.js'
import { type GroupEntry, groupEntryCodec } from '../../src/groups/entries.js'

const encode = (entry: GroupEntry) => encodeEntry(groupEntryCodec, entry)
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const place = { type: 'offset', group: 'g', topic: 't', partition: 3 } as const
const offset = { offset: 5, leaderEpoch: 2, metadata: 'm', commitTimestamp: 7, expireTimestamp: -1 }
const UNSET = 'AAAAAAAAAAAAAAAAAAAAAA'

test('coordinator partitions follow the hash of a Java string', () => {
  const vectors: [string, number][] = [
    ['my-group', 12],
    ['test', 48],
    ['polygenelubricants', 0],
    ['', 0],
  ]
  for (const [group, partition] of vectors) assert.equal(coordinatorPartition(group, 50), partition)
})

test('an offset is written with value version 4, the topic id as a tag', () => {
  const entry = { ...place, value: { ...offset, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' } }
  const record = encode(entry)
  assert.deepEqual(record.key, hex('0001 0001 67 0001 74 00000003'))
  const id = '00000000000000000000000000000001'
  assert.deepEqual(record.value, hex(`0004 0000000000000005 00000002 02 6d 0000000000000007 01 00 10 ${id}`))
  assert.deepEqual(groupEntryCodec.decode(record.key, record.value), entry)
})

test('an offset that expires by itself is written with value version 1', () => {
  const record = encode({
    ...place,
    value: { ...offset, expireTimestamp: 9, topicId: UNSET },
  })
  assert.deepEqual(record.value, hex('0001 0000000000000005 0001 6d 0000000000000007 0000000000000009'))
  const read = { ...offset, leaderEpoch: -1, expireTimestamp: 9, topicId: UNSET }
  assert.deepEqual(groupEntryCodec.decode(record.key, record.value), { ...place, value: read })
})

test('tombstones have no value', () => {
  const record = encode({ ...place, value: null })
  assert.equal(record.value, null)
  assert.deepEqual(groupEntryCodec.decode(record.key, null), { ...place, value: null })
  const group = encode({ type: 'group', group: 'g', value: null })
  assert.deepEqual(group, { key: hex('0002 0001 67'), value: null })
})

test('a group is written with value version 3', () => {
  const member = {
    memberId: 'm',
    groupInstanceId: 'i',
    clientId: 'c',
    clientHost: '/h',
    rebalanceTimeout: 2,
    sessionTimeout: 1,
    subscription: hex('aa'),
    assignment: hex('bb'),
  }
  const value = {
    protocolType: 'consumer',
    generation: 4,
    protocol: 'range',
    leader: 'm',
    currentStateTimestamp: 8,
    members: [member],
  }
  const record = encode({ type: 'group', group: 'g', value })
  assert.deepEqual(
    record.value,
    hex(
      `0003 0008 ${Buffer.from('consumer').toString('hex')} 00000004 0005 ${Buffer.from('range').toString('hex')}
       0001 6d 0000000000000008 00000001
       0001 6d 0001 69 0001 63 0002 2f68 00000002 00000001 00000001 aa 00000001 bb`.replaceAll('\n', ''),
    ),
  )
  assert.deepEqual(groupEntryCodec.decode(record.key, record.value), { type: 'group', group: 'g', value })
})

test('every version of the values is read, types of other groups are left alone', () => {
  const v0 = groupEntryCodec.decode(
    hex('0000 0001 67 0001 74 00000003'),
    hex('0000 0000000000000005 0000 0000000000000007'),
  )
  assert.deepEqual(v0, {
    ...place,
    value: { ...offset, leaderEpoch: -1, metadata: '', topicId: UNSET },
  })
  const v3 = hex('0003 0000000000000005 00000002 0001 6d 0000000000000007')
  assert.deepEqual(groupEntryCodec.decode(hex('0001 0001 67 0001 74 00000003'), v3), {
    ...place,
    value: { ...offset, topicId: UNSET },
  })
  assert.equal(groupEntryCodec.decode(hex('000b 0001 67'), hex('0000')), null)
})

test('a record that cannot be understood is refused', () => {
  assert.throws(() => groupEntryCodec.decode(hex('00'), null), { code: 'UNDERFLOW' })
  assert.throws(() => groupEntryCodec.decode(hex('0002 0001 67'), hex('0009')), {
    code: 'UNSUPPORTED_VERSION',
  })
  assert.throws(() => groupEntryCodec.decode(hex('0001 0001 67'), null), { code: 'UNDERFLOW' })
})
