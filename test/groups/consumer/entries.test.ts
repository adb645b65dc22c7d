// Records of consumer groups byte for byte as Kafka writes them, and what of Kafka's we must be able to read.

import assert from 'node:assert/strict'
import test from 'node:test'
import { encodeEntry } from '../../../src/coordinator/record-encoder.js'
import { ConsumerGroup } from '../../../src/groups/consumer/group.js'
import { NOTHING_ASSIGNED } from '../../../src/groups/consumer/member.js'
import {
  currentEntry,
  epochEntry,
  memberEntry,
  memberTombstones,
  targetEntry,
  targetEpochEntry,
} from '../../../src/groups/consumer/records.js'
import { type GroupEntry, groupEntryCodec } from '../../../src/groups/entries.js'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const ID_HEX = '00000000000000000000000000000001'

function check(entry: GroupEntry, key: string, value: string | null): void {
  const record = encodeEntry(groupEntryCodec, entry)
  assert.deepEqual(record.key, hex(key))
  assert.deepEqual(record.value, value === null ? null : hex(value))
  assert.deepEqual(groupEntryCodec.decode(record.key, record.value), entry)
}

const metadata = {
  instanceId: null,
  rackId: 'r',
  clientId: 'c',
  clientHost: '/h',
  subscribedTopicNames: ['t'],
  subscribedTopicRegex: null,
  rebalanceTimeoutMs: 5,
  serverAssignor: null,
  classicMemberMetadata: null,
}

test('the group epoch, with a hash only when there are topics', () => {
  check(epochEntry('g', 2, 0n), '0003 0001 67', '0000 00000002 00')
  const record = encodeEntry(groupEntryCodec, epochEntry('g', 2, 5n))
  assert.deepEqual(record.value?.subarray(0, 9), hex('0000 00000002 01 00 08'))
})

test('any hash of another broker is read and written again', () => {
  for (const hash of ['ffffffffffffffff', '8000000000000000', '7fffffffffffffff', '0123456789abcdef']) {
    const value = hex(`0000 00000002 01 00 08 ${hash}`)
    const entry = groupEntryCodec.decode(hex('0003 0001 67'), value)
    assert.ok(entry !== null)
  }
})

test('a member', () => {
  check(
    memberEntry('g', 'm', metadata),
    '0005 0001 67 0001 6d',
    '0000 00 02 72 02 63 03 2f 68 02 02 74 00 00000005 00 01 00 01 00',
  )
})

test('a member of the classic protocol', () => {
  const classicMemberMetadata = {
    sessionTimeoutMs: 9,
    supportedProtocols: [{ name: 'p', metadata: Buffer.from([7]) }],
  }
  check(
    memberEntry('g', 'm', { ...metadata, classicMemberMetadata }),
    '0005 0001 67 0001 6d',
    '0000 00 02 72 02 63 03 2f 68 02 02 74 00 00000005 00 01 00 0c 01 00000009 02 02 70 02 07 00 00',
  )
})

test('the target and its epoch', () => {
  check(targetEpochEntry('g', 3, 0), '0006 0001 67', '0000 00000003 00')
  check(targetEpochEntry('g', 3, 4), '0006 0001 67', '0000 00000003 01 00 08 0000000000000004')
  check(
    targetEntry('g', 'm', new Map([[ID, new Set([1, 0])]])),
    '0007 0001 67 0001 6d',
    `0000 02 ${ID_HEX} 03 00000000 00000001 00 00`,
  )
})

test('what a member holds, with the epochs at which it got it', () => {
  const assigned = new Map([[ID, new Map([[4, 2]])]])
  check(
    currentEntry('g', 'm', {
      ...NOTHING_ASSIGNED,
      memberEpoch: 3,
      previousMemberEpoch: 2,
      state: 2,
      assigned,
    }),
    '0008 0001 67 0001 6d',
    `0000 00000003 00000002 02 02 ${ID_HEX} 02 00000004 01 00 05 02 00000002 01 00`,
  )
})

test('a resolved pattern', () => {
  check(
    {
      type: 'consumer-regex',
      key: { groupId: 'g', regularExpression: 'x' },
      value: { topics: ['t'], version: 1, timestamp: 2 },
    },
    '0010 0001 67 0001 78',
    '0000 02 02 74 0000000000000001 0000000000000002 00',
  )
})

test('tombstones take a member out in an order that can be replayed', () => {
  const group = new ConsumerGroup('g')
  for (const entry of [memberEntry('g', 'm', metadata), targetEntry('g', 'm', new Map())]) group.apply(entry)
  for (const entry of memberTombstones('g', 'm')) {
    check(
      entry,
      `000${{ 'consumer-current': 8, 'consumer-target': 7 }[entry.type as never] ?? 5} 0001 67 0001 6d`,
      null,
    )
    group.apply(entry)
  }
  assert.deepEqual([group.members.size, [...group.targetMembers()]], [0, []])
})

test('records of before 4.3 have no epochs of partitions, and of before 4.1 partitions of topics', () => {
  const group = new ConsumerGroup('g')
  const apply = (key: string, value: string) => {
    const entry = groupEntryCodec.decode(hex(key), hex(value))
    assert.ok(entry !== null && entry.type !== 'offset' && entry.type !== 'group')
    group.apply(entry)
  }
  apply('0008 0001 67 0001 6d', `0000 00000003 00000002 00 02 ${ID_HEX} 02 00000004 00 01 00`)
  assert.equal(group.member('m').current.assigned.get(ID)?.get(4), 3)
  apply('0004 0001 67', `0000 02 ${ID_HEX} 02 74 00000001 02 00000000 02 02 72 00 00 00`)
  assert.equal(group.hasPartitionMetadata, true)
})
