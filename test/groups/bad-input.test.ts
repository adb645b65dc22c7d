// Goal: what a hostile client sends is bounded and refused with the code Kafka gives, and changes nothing.

import assert from 'node:assert/strict'
import test from 'node:test'
import {
  MEMBERS_PER_GROUP_MAX,
  PENDING_MEMBERS_PER_SHARD_MAX,
  SUBSCRIPTION_BYTES_PER_SHARD_MAX,
} from '../../src/groups/limits.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { settle } from '../coordinator/memory-log.js'
import { ConsumerWorld } from './consumer/harness.js'
import { GROUP, GroupWorld, subscription } from './harness.js'

const metadata = (bytes: number) => Buffer.concat([subscription('topic'), Buffer.alloc(bytes)])

test('forged member ids of the classic protocol are unknown wherever they are named', async () => {
  const world = await GroupWorld.start()
  const [leader] = await world.stable({})
  assert.ok(leader)
  const forged = { ...leader, memberId: `${leader.memberId}x` }
  const before = world.log.recordTotal
  const unknown = ErrorCode.UNKNOWN_MEMBER_ID
  assert.equal((await world.join({ memberId: forged.memberId }).value).errorCode, unknown)
  assert.equal((await world.join({ memberId: 'x'.repeat(32_000) }).value).errorCode, unknown)
  assert.equal((await world.sync(forged).value).errorCode, unknown)
  assert.equal(await world.heartbeat(forged), unknown)
  assert.equal(await world.commit(forged), unknown)
  assert.equal((await world.leave(forged)).members[0]?.errorCode, unknown)
  assert.equal(await world.heartbeat({ ...forged, groupInstanceId: 'instance' }), unknown)
  assert.equal(world.log.recordTotal, before)
  assert.equal(await world.state(), 'Stable')
})

test('an id given to one group is worth nothing in another', async () => {
  const world = await GroupWorld.start()
  const { memberId } = await world.join().value
  await world.join({ groupId: 'other' }).value
  const stolen = await world.join({ groupId: 'other', memberId }).value
  assert.equal(stolen.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('a pending id cannot be made a static member', async () => {
  const world = await GroupWorld.start()
  const { memberId } = await world.join().value
  const joined = await world.join({ memberId, groupInstanceId: 'instance' }).value
  assert.equal(joined.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(world.shard()?.held.pendingMembers, 1, 'and stays pending')
})

test('assignments for strangers are ignored', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  const waiting = world.sync(follower)
  const own = await world.sync(leader, { stranger: 'x', [leader.memberId]: 'mine' }).value
  assert.deepEqual([own.errorCode, String(own.assignment)], [ErrorCode.NONE, 'mine'])
  assert.deepEqual((await waiting.value).assignment.length, 0)
  const { members } = await world.coordinator.describeGroup(GROUP)
  assert.equal(members.length, 2)
})

test('subscriptions of all groups together are bounded, and who leaves makes room', async () => {
  const world = await GroupWorld.start()
  const large = { protocols: [{ name: 'range', metadata: metadata(SUBSCRIPTION_BYTES_PER_SHARD_MAX / 4) }] }
  for (let count = 0; count < 3; count++) {
    world.join({ ...large, groupId: `group-${count}`, requireKnownMemberId: false })
  }
  await settle()
  const refused = await world.join({ ...large, groupId: 'group-3' }).value
  assert.equal(refused.errorCode, ErrorCode.COORDINATOR_NOT_AVAILABLE)
  assert.equal((await world.join({ groupId: 'group-4' }).value).errorCode, ErrorCode.MEMBER_ID_REQUIRED)
  // Their leaders never sync.
  await world.advance(200_000)
  assert.deepEqual({ ...world.shard()?.held }, { members: 0, pendingMembers: 0, subscriptionBytes: 0 })
  const later = await world.join({ ...large, groupId: 'group-3' }).value
  assert.equal(later.errorCode, ErrorCode.MEMBER_ID_REQUIRED)
})

test('ids given out are bounded in all groups of a shard together', async () => {
  const world = await GroupWorld.start()
  const shard = world.shard()
  assert.ok(shard)
  shard.held.pendingMembers = PENDING_MEMBERS_PER_SHARD_MAX - 1
  assert.equal((await world.join().value).errorCode, ErrorCode.MEMBER_ID_REQUIRED)
  const refused = await world.join({ groupId: 'other' }).value
  assert.equal(refused.errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED)
  await world.advance(10_000)
  assert.equal(shard.held.pendingMembers, PENDING_MEMBERS_PER_SHARD_MAX - 1)
})

test('a classic group of no set size has one, and thousands of joins meet it', async () => {
  const world = await GroupWorld.start()
  const old = { requireKnownMemberId: false }
  for (let count = 0; count < MEMBERS_PER_GROUP_MAX; count++) world.join(old)
  await settle()
  assert.equal((await world.join(old).value).errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED)
  assert.equal(world.shard()?.held.members, MEMBERS_PER_GROUP_MAX)
})

const joining = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ['topic'], topicPartitions: [] }

test('forged members of the consumer protocol', async () => {
  const world = await ConsumerWorld.start()
  const instance = { instanceId: 'instance' }
  await world.heartbeat({ ...joining, ...instance, memberId: 'a' })
  const code = async (request: object) => (await world.heartbeat(request)).errorCode
  const before = world.log.recordTotal
  assert.equal(await code({ memberId: 'b', memberEpoch: 1 }), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await code({ memberId: 'b', memberEpoch: -1 }), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await code({ memberId: 'b', memberEpoch: 1, ...instance }), ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(await code({ memberId: 'b', memberEpoch: -2, ...instance }), ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(
    await code({ ...joining, memberId: 'b', ...instance }),
    ErrorCode.UNRELEASED_INSTANCE_ID,
    'a place that is held is not taken',
  )
  assert.equal(await code({ memberId: 'a', memberEpoch: 99 }), ErrorCode.FENCED_MEMBER_EPOCH)
  assert.equal(await code({ ...joining, memberId: 'x'.repeat(1_025) }), ErrorCode.INVALID_REQUEST)
  assert.equal(world.log.recordTotal, before)
})

test('what a member says it owns is not believed', async () => {
  const world = await ConsumerWorld.start({ topic: 3 })
  await world.heartbeat({ ...joining, memberId: 'a' })
  const stranger = 'strangerxxxxxxxxxxxxxA'
  const topicPartitions = [
    { topicId: stranger, partitions: [0, 1, -1, 2_000_000_000] },
    { topicId: stranger, partitions: Array.from({ length: 10_000 }, (_, index) => index) },
  ]
  const reply = await world.heartbeat({ memberId: 'a', memberEpoch: 2, topicPartitions })
  assert.equal(reply.errorCode, ErrorCode.NONE)
  assert.equal(world.group().isOwned(stranger, 0), false)
})

test('joins that bring much are refused before anything is written', async () => {
  const world = await ConsumerWorld.start()
  const names = (count: number) => Array.from({ length: count }, (_, index) => `${index}`.padStart(200, 'x'))
  const join = async (memberId: string, count: number) =>
    (await world.heartbeat({ ...joining, memberId, subscribedTopicNames: names(count) })).errorCode
  assert.equal(await join('a', 2_501), ErrorCode.INVALID_REQUEST)
  assert.equal(world.log.recordTotal, 0)
  const each = 2_000
  const fit = Math.floor(SUBSCRIPTION_BYTES_PER_SHARD_MAX / (each * 200))
  for (let count = 0; count < fit; count++) assert.equal(await join(`m${count}`, each), ErrorCode.NONE)
  const before = world.log.recordTotal
  assert.equal(await join('one-more', each), ErrorCode.COORDINATOR_NOT_AVAILABLE)
  assert.equal(world.log.recordTotal, before)
  assert.equal(await join('m0', each), ErrorCode.NONE, 'who is in may join again')
  await world.heartbeat({ memberId: 'm1', memberEpoch: -1 })
  assert.equal(await join('one-more', each), ErrorCode.NONE)
})

test('the same after a restart: what is held is counted from the log', async () => {
  const world = await ConsumerWorld.start()
  await world.heartbeat({ ...joining, memberId: 'a' })
  await world.heartbeat({ ...joining, memberId: 'b', subscribedTopicNames: [], subscribedTopicRegex: 't.*' })
  const { held } = world.shard
  assert.deepEqual({ ...held }, { members: 2, pendingMembers: 0, subscriptionBytes: 8 })
  const next = await world.restarted()
  assert.deepEqual(next.shard.held, held)
  for (const memberId of ['a', 'b']) await next.heartbeat({ memberId, memberEpoch: -1 })
  assert.deepEqual({ ...next.shard.held }, { members: 0, pendingMembers: 0, subscriptionBytes: 0 })
})

test('an assignment larger than a batch usually is comes back from the log', async () => {
  const world = await ConsumerWorld.start({ topic: 150_000 })
  await world.heartbeat({ ...joining, memberId: 'a' })
  await settle()
  assert.ok(world.log.batches.some((batch) => batch.length > 1_048_588))
  const next = await world.restarted()
  const member = next.group().member('a')
  assert.equal([...member.current.assigned.values()][0]?.size, 150_000)
})
