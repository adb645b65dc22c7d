// SyncGroup and Heartbeat in every state of the group, and what refuses them.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { settle } from '../coordinator/memory-log.js'
import { GROUP, GroupWorld, joinRequest, subscription } from './harness.js'

test('followers wait for the assignments of the leader', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  const waiting = world.sync(follower)
  await settle()
  assert.equal(waiting.done, false)
  const own = await world.sync(leader, { [leader.memberId]: 'A', [follower.memberId]: 'B' }).value
  assert.deepEqual(own, {
    errorCode: ErrorCode.NONE,
    protocolType: 'consumer',
    protocolName: 'range',
    assignment: Buffer.from('A'),
  })
  assert.deepEqual((await waiting.value).assignment, Buffer.from('B'))
  assert.equal(await world.state(), 'Stable')
  assert.deepEqual((await world.sync(follower).value).assignment, Buffer.from('B'))
})

test('a member the leader forgot gets an empty assignment', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  await world.sync(leader, { [leader.memberId]: 'A' }).value
  assert.deepEqual((await world.sync(follower).value).assignment, Buffer.alloc(0))
})

test('assignments leave only after they are written', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  world.log.held = true
  const first = world.sync(leader, { [leader.memberId]: 'A' })
  const second = world.sync(follower)
  await settle()
  assert.deepEqual([first.done, second.done], [false, false])
  world.log.complete()
  await settle()
  assert.deepEqual([first.done, second.done], [true, true])
})

test('refused syncs', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  const code = async (pending: { value: Promise<{ errorCode: number }> }) => (await pending.value).errorCode
  assert.equal(await code(world.sync({ ...leader, memberId: 'nobody' })), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await code(world.sync({ ...leader, generationId: 0 })), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await code(world.sync({ ...leader, generationId: 2 })), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await code(world.sync({ ...leader, groupInstanceId: 'x' })), ErrorCode.UNKNOWN_MEMBER_ID)
  const type = world.sync(leader, {}, { protocolType: 'connect', protocolName: 'range' })
  assert.equal(await code(type), ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  const name = world.sync(leader, {}, { protocolType: 'consumer', protocolName: 'sticky' })
  assert.equal(await code(name), ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  const request = {
    ...leader,
    groupInstanceId: null,
    protocolType: null,
    protocolName: null,
    assignments: [],
  }
  const other = await world.coordinator.syncGroup({ ...request, groupId: 'other' })
  assert.equal(other.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(
    (await world.coordinator.syncGroup({ ...request, groupId: '' })).errorCode,
    ErrorCode.INVALID_GROUP_ID,
  )
  await world.syncAll([leader, follower])
  world.join({ memberId: leader.memberId })
  await settle()
  assert.equal(await code(world.sync(follower)), ErrorCode.REBALANCE_IN_PROGRESS)
})

test('a new join ends the wait of those who synced', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  const waiting = world.sync(follower)
  const changed = [{ name: 'range', metadata: subscription('b') }]
  world.join({ memberId: leader.memberId, protocols: changed })
  assert.equal((await waiting.value).errorCode, ErrorCode.REBALANCE_IN_PROGRESS)
  assert.equal(await world.state(), 'PreparingRebalance')
})

test('members that never sync are dropped after the rebalance timeout', async () => {
  const world = await GroupWorld.start()
  const long = { sessionTimeoutMs: 200_000 }
  const joins = [await world.newMember(long), await world.newMember(long)]
  await world.advance(9_000)
  const [leader, follower] = await Promise.all(joins.map(({ value }) => value))
  assert.ok(leader && follower)
  await world.sync(leader, { [leader.memberId]: 'A' }).value
  assert.equal(await world.state(), 'Stable')
  await world.advance(60_000)
  assert.equal(await world.state(), 'PreparingRebalance')
  assert.equal(await world.heartbeat(follower), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await world.heartbeat(leader), ErrorCode.REBALANCE_IN_PROGRESS)
})

test('when all have synced nobody is dropped', async () => {
  const world = await GroupWorld.start()
  const long = { sessionTimeoutMs: 200_000 }
  await world.stable(long, long)
  await world.advance(120_000)
  assert.equal(await world.state(), 'Stable')
})

test('a group too large for a record is told so and rebalances', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  const waiting = world.sync(follower)
  const huge = world.sync(leader, { [leader.memberId]: 'x'.repeat(1_100_000) })
  assert.equal((await huge.value).errorCode, ErrorCode.UNKNOWN_SERVER_ERROR)
  assert.equal((await waiting.value).errorCode, ErrorCode.UNKNOWN_SERVER_ERROR)
  assert.equal(await world.state(), 'PreparingRebalance')
})

test('heartbeats by state', async () => {
  const world = await GroupWorld.start()
  assert.equal(await world.heartbeat({ memberId: 'x', generationId: 1 }), ErrorCode.UNKNOWN_MEMBER_ID)
  const { leader, follower } = await world.completing()
  assert.equal(await world.heartbeat(leader), ErrorCode.NONE, 'CompletingRebalance')
  await world.syncAll([leader, follower])
  assert.equal(await world.heartbeat(leader), ErrorCode.NONE, 'Stable')
  assert.equal(await world.heartbeat({ ...leader, generationId: 0 }), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await world.heartbeat({ ...leader, groupInstanceId: 'x' }), ErrorCode.UNKNOWN_MEMBER_ID)
  const empty = { groupId: '', memberId: 'x', generationId: 1, groupInstanceId: null }
  assert.equal(await world.coordinator.heartbeat(empty), ErrorCode.INVALID_GROUP_ID)
})

test('heartbeats keep the session, silence ends it', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable({}, {})
  assert.ok(leader && follower)
  for (let round = 0; round < 5; round++) {
    await world.advance(6_000)
    assert.notEqual(await world.heartbeat(leader), ErrorCode.UNKNOWN_MEMBER_ID)
  }
  assert.equal(await world.heartbeat(follower), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await world.state(), 'PreparingRebalance')
})

test('a session is not held against a member that waits for the broker', async () => {
  const world = await GroupWorld.start()
  const { leader, follower } = await world.completing()
  const waiting = world.sync(follower)
  await world.advance(6_000)
  assert.equal(await world.heartbeat(leader), ErrorCode.NONE)
  await world.advance(6_000)
  assert.equal(await world.heartbeat(leader), ErrorCode.NONE)
  await world.sync(leader, { [follower.memberId]: 'B' }).value
  assert.deepEqual((await waiting.value).assignment, Buffer.from('B'))
  await world.advance(9_999)
  assert.equal(await world.state(), 'Stable')
  await world.advance(1)
  assert.equal(await world.state(), 'Empty', 'both sessions began anew with the assignment')
})

test('a new member that waits too long is told to start over', async () => {
  const world = await GroupWorld.start()
  const long = { sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 600_000 }
  await world.stable(long)
  const joining = await world.newMember(long)
  await world.advance(300_000)
  assert.equal((await joining.value).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('the last member that expires leaves an empty group of the next generation', async () => {
  const world = await GroupWorld.start()
  await world.stable({})
  await world.advance(10_000)
  assert.equal(await world.state(), 'Empty')
  const shard = await world.replayed()
  const group = shard.group(GROUP)
  assert.deepEqual([group.state, group.generationId, group.members.size], ['Empty', 2, 0])
  assert.equal(group.protocolType, 'consumer')
})

test('other protocol types are served without looking into their metadata', async () => {
  const world = await GroupWorld.start()
  const connect = {
    protocolType: 'connect',
    protocols: [{ name: 'compatible', metadata: Buffer.from([255]) }],
  }
  const [worker] = await world.stable(connect)
  assert.equal(worker?.protocolName, 'compatible')
  assert.equal((await world.coordinator.describeGroup(GROUP)).protocolType, 'connect')
  assert.equal(joinRequest(connect).protocolType, 'connect')
})
