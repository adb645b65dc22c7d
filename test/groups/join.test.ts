// JoinGroup from a new group to a stable one, and everything that refuses it.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { settle } from '../coordinator/memory-log.js'
import { GroupWorld, subscription } from './harness.js'

test('a new member is first given its id, then waits out the initial delay', async () => {
  const world = await GroupWorld.start()
  const first = await world.join().value
  assert.equal(first.errorCode, ErrorCode.MEMBER_ID_REQUIRED)
  assert.match(first.memberId, /^client-[0-9a-f]{8}-[0-9a-f]{4}-4/)
  const joining = world.join({ memberId: first.memberId })
  await world.advance(2_999)
  assert.equal(joining.done, false)
  assert.equal(await world.state(), 'PreparingRebalance')
  await world.advance(1)
  assert.deepEqual(await joining.value, {
    errorCode: ErrorCode.NONE,
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
    leader: first.memberId,
    skipAssignment: false,
    memberId: first.memberId,
    members: [{ memberId: first.memberId, groupInstanceId: null, metadata: subscription('topic') }],
  })
  assert.equal(await world.state(), 'CompletingRebalance')
})

test('before v4 a new member joins at once', async () => {
  const world = await GroupWorld.start()
  const joining = world.join({ requireKnownMemberId: false })
  await world.advance(3_000)
  const reply = await joining.value
  assert.equal(reply.errorCode, ErrorCode.NONE)
  assert.equal(reply.leader, reply.memberId)
})

test('later joiners extend the initial delay, up to the rebalance timeout', async () => {
  const world = await GroupWorld.start()
  const request = { requireKnownMemberId: false, rebalanceTimeoutMs: 7_000, sessionTimeoutMs: 30_000 }
  const first = world.join(request)
  await world.advance(2_000)
  world.join(request)
  await world.advance(1_000)
  assert.equal(first.done, false, 'extended by the second')
  await world.advance(2_000)
  world.join(request)
  await world.advance(1_000)
  assert.equal(first.done, false, 'extended by the third, for what remains')
  await world.advance(1_000)
  assert.equal(first.done, true)
  assert.equal((await first.value).members.length, 3)
})

test('without more joiners the initial delay is not extended', async () => {
  const world = await GroupWorld.start()
  const first = world.join({ requireKnownMemberId: false })
  await world.advance(3_000)
  assert.equal(first.done, true)
})

test('only the leader is shown the members', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable({}, {})
  assert.equal(leader?.members.length, 2)
  assert.equal(follower?.members.length, 0)
  assert.equal(follower?.leader, leader?.memberId)
})

test('refused joins leave no group behind', async () => {
  const world = await GroupWorld.start()
  const refusals: [Parameters<GroupWorld['join']>[0], number][] = [
    [{ groupId: '' }, ErrorCode.INVALID_GROUP_ID],
    [{ sessionTimeoutMs: 5_999 }, ErrorCode.INVALID_SESSION_TIMEOUT],
    [{ sessionTimeoutMs: 1_800_001 }, ErrorCode.INVALID_SESSION_TIMEOUT],
    [{ memberId: 'nobody' }, ErrorCode.UNKNOWN_MEMBER_ID],
    [{ protocolType: '' }, ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
    [{ protocols: [] }, ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
  ]
  for (const [request, code] of refusals) assert.equal((await world.join(request).value).errorCode, code)
  assert.equal(world.log.recordTotal, 0)
  assert.deepEqual(await world.coordinator.listGroups({ states: [], types: [] }), {
    errorCode: 0,
    groups: [],
  })
})

test('a member must speak the protocol of the group', async () => {
  const world = await GroupWorld.start()
  await world.stable({})
  const connect = await world.join({ protocolType: 'connect' }).value
  assert.equal(connect.errorCode, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  const other = [{ name: 'other', metadata: Buffer.alloc(0) }]
  assert.equal(
    (await world.join({ protocols: other }).value).errorCode,
    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
  )
  assert.equal(await world.state(), 'Stable')
})

test('the protocol most members prefer, of those all offer, is selected', async () => {
  const world = await GroupWorld.start()
  const offer = (...names: string[]) => ({
    protocols: names.map((name) => ({ name, metadata: subscription(name) })),
  })
  const replies = await world.stable(offer('a', 'b'), offer('b', 'a', 'c'), offer('b', 'c', 'a'))
  assert.deepEqual(
    replies.map(({ protocolName }) => protocolName),
    ['b', 'b', 'b'],
  )
  assert.deepEqual(replies[0]?.members[0]?.metadata, subscription('b'))
})

test('a protocol offered twice counts once', async () => {
  const world = await GroupWorld.start()
  const twice = ['x', 'x'].map((name) => ({ name, metadata: Buffer.from('1') }))
  await world.stable({ protocols: twice })
  const other = [{ name: 'y', metadata: Buffer.alloc(0) }]
  assert.equal(
    (await world.join({ protocols: other }).value).errorCode,
    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
  )
})

test('a follower with nothing new learns the generation, the leader starts a rebalance', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable({}, {})
  assert.ok(leader && follower)
  const again = await world.join({ memberId: follower.memberId }).value
  assert.equal(again.errorCode, ErrorCode.NONE)
  assert.equal(again.generationId, 1)
  assert.deepEqual(again.members, [])
  assert.equal(await world.state(), 'Stable')
  const rejoin = world.join({ memberId: leader.memberId })
  await settle()
  assert.equal(await world.state(), 'PreparingRebalance')
  assert.equal(await world.heartbeat(follower), ErrorCode.REBALANCE_IN_PROGRESS)
  const followers = world.join({ memberId: follower.memberId })
  assert.equal((await rejoin.value).generationId, 2)
  assert.equal((await followers.value).generationId, 2)
})

test('a member with another subscription starts a rebalance', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable({}, {})
  assert.ok(leader && follower)
  world.join({ memberId: follower.memberId, protocols: [{ name: 'range', metadata: subscription('other') }] })
  await settle()
  assert.equal(await world.state(), 'PreparingRebalance')
  assert.equal(await world.heartbeat(leader), ErrorCode.REBALANCE_IN_PROGRESS)
})

test('in CompletingRebalance the same join gets the same answer, another one starts over', async () => {
  const world = await GroupWorld.start()
  const joining = await world.newMember()
  await world.advance(3_000)
  const reply = await joining.value
  assert.deepEqual(await world.join({ memberId: reply.memberId }).value, reply)
  const changed = [{ name: 'range', metadata: subscription('b') }]
  const next = await world.join({ memberId: reply.memberId, protocols: changed }).value
  assert.equal(next.generationId, 2)
})

test('members that do not come back are dropped after the rebalance timeout', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable({ sessionTimeoutMs: 100_000 }, { sessionTimeoutMs: 100_000 })
  assert.ok(leader && follower)
  const rejoin = world.join({ memberId: leader.memberId, sessionTimeoutMs: 100_000 })
  await world.advance(59_999)
  assert.equal(rejoin.done, false)
  await world.advance(1)
  const reply = await rejoin.value
  assert.equal(reply.generationId, 2)
  assert.deepEqual(
    reply.members.map(({ memberId }) => memberId),
    [leader.memberId],
  )
  assert.equal(await world.heartbeat({ ...follower, generationId: 2 }), ErrorCode.UNKNOWN_MEMBER_ID)
})

test('when the leader does not come back another member leads', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable({}, {})
  assert.ok(leader && follower)
  const changed = [{ name: 'range', metadata: subscription('b') }]
  const rejoin = world.join({ memberId: follower.memberId, protocols: changed })
  await world.advance(60_000)
  const reply = await rejoin.value
  assert.equal(reply.leader, follower.memberId)
  assert.equal(reply.members.length, 1)
})

test('a parked join that is repeated completes the first one', async () => {
  const world = await GroupWorld.start()
  const first = await world.newMember()
  const { memberId } = (await world.coordinator.describeGroup('my-group')).members[0] ?? { memberId: '' }
  const second = world.join({ memberId })
  assert.equal((await first.value).errorCode, ErrorCode.REBALANCE_IN_PROGRESS)
  await world.advance(3_000)
  assert.equal((await second.value).errorCode, ErrorCode.NONE)
})

test('a full group turns new members away and keeps its own', async () => {
  const world = await GroupWorld.start({ groupMaxSize: 2 })
  const [leader, follower] = await world.stable({}, {})
  assert.ok(leader && follower)
  const third = await world.join().value
  assert.deepEqual([third.errorCode, third.memberId], [ErrorCode.GROUP_MAX_SIZE_REACHED, ''])
  assert.equal((await world.join({ memberId: follower.memberId }).value).errorCode, ErrorCode.NONE)
})

test('a group loaded over its size limit rebalances and keeps who comes first', async () => {
  const world = await GroupWorld.start()
  const members = await world.stable({}, {}, {})
  const next = await world.restarted({ groupMaxSize: 2 })
  assert.equal(await next.state(), 'PreparingRebalance')
  const joins = members.map(({ memberId }) => next.join({ memberId }))
  const codes = await Promise.all(joins.map(async ({ value }) => (await value).errorCode))
  assert.deepEqual(codes, [ErrorCode.NONE, ErrorCode.NONE, ErrorCode.GROUP_MAX_SIZE_REACHED])
})

test('an id that was given out expires with its session timeout', async () => {
  const world = await GroupWorld.start()
  const { memberId } = await world.join({ sessionTimeoutMs: 6_000 }).value
  await world.advance(6_000)
  assert.equal((await world.join({ memberId }).value).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('others wait for somebody who was given an id, until it expires', async () => {
  const world = await GroupWorld.start()
  const [leader] = await world.stable({ sessionTimeoutMs: 100_000 })
  assert.ok(leader)
  const waiting = await world.join({ sessionTimeoutMs: 6_000 }).value
  assert.equal(waiting.errorCode, ErrorCode.MEMBER_ID_REQUIRED)
  const rejoin = world.join({ memberId: leader.memberId, sessionTimeoutMs: 100_000 })
  await world.advance(5_999)
  assert.equal(rejoin.done, false)
  await world.advance(1)
  assert.equal((await rejoin.value).generationId, 2)
})
