// Static members: taking the old place without a rebalance, fencing, staying through absence.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { settle } from '../coordinator/memory-log.js'
import { GROUP, GroupWorld, subscription } from './harness.js'

const one = { groupInstanceId: 'one' }
const two = { groupInstanceId: 'two' }

test('a static member needs no id first, and its id tells its instance', async () => {
  const world = await GroupWorld.start()
  const joining = world.join(one)
  await world.advance(3_000)
  const reply = await joining.value
  assert.equal(reply.errorCode, ErrorCode.NONE)
  assert.match(reply.memberId, /^one-[0-9a-f-]{36}$/)
  assert.equal(reply.members[0]?.groupInstanceId, 'one')
})

test('a returning follower keeps generation and assignment', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable(one, two)
  assert.ok(leader && follower)
  const back = await world.join(two).value
  assert.equal(back.errorCode, ErrorCode.NONE)
  assert.notEqual(back.memberId, follower.memberId)
  assert.deepEqual(
    [back.generationId, back.leader, back.skipAssignment, back.members],
    [1, leader.memberId, false, []],
  )
  assert.equal(await world.state(), 'Stable')
  const sync = await world.sync({ ...back, ...two }).value
  assert.deepEqual(sync.assignment, Buffer.from(`to ${follower.memberId}`))
  assert.equal(await world.heartbeat(leader), ErrorCode.NONE)
})

test('a returning leader is told to skip the assignment, from v9', async () => {
  const world = await GroupWorld.start()
  const [leader] = await world.stable(one, two)
  assert.ok(leader)
  const back = await world.join(one).value
  assert.deepEqual([back.leader, back.skipAssignment, back.members.length], [back.memberId, true, 2])
  assert.equal(await world.state(), 'Stable')
})

test('before v9 a returning leader is not told that it leads', async () => {
  const world = await GroupWorld.start()
  const [leader] = await world.stable(one, two)
  const back = await world.join({ ...one, supportsSkippingAssignment: false }).value
  assert.deepEqual([back.leader, back.skipAssignment, back.members], [leader?.memberId, false, []])
  assert.notEqual(back.memberId, leader?.memberId)
})

test('the new member id is durable before it is told', async () => {
  const world = await GroupWorld.start()
  await world.stable(one)
  world.log.held = true
  const joining = world.join(one)
  await settle()
  assert.equal(joining.done, false)
  world.log.complete()
  const { memberId } = await joining.value
  const group = (await world.replayed()).group(GROUP)
  assert.deepEqual([...group.members.keys()], [memberId])
  assert.equal(group.leaderId, memberId)
})

test('whoever uses the old member id is fenced', async () => {
  const world = await GroupWorld.start()
  const [old] = await world.stable(one)
  assert.ok(old)
  await world.join(one).value
  assert.equal(await world.heartbeat({ ...old, ...one }), ErrorCode.FENCED_INSTANCE_ID)
  assert.equal((await world.sync({ ...old, ...one }).value).errorCode, ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(
    (await world.join({ ...one, memberId: old.memberId }).value).errorCode,
    ErrorCode.FENCED_INSTANCE_ID,
  )
  const commit = { memberId: old.memberId, generationId: old.generationId, ...one }
  assert.equal(await world.commit(commit), ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(await world.heartbeat(old), ErrorCode.UNKNOWN_MEMBER_ID, 'without its instance id')
})

test('parked waits of the old member are fenced', async () => {
  const world = await GroupWorld.start()
  const parkedJoin = world.join(one)
  await settle()
  const second = world.join(one)
  assert.equal((await parkedJoin.value).errorCode, ErrorCode.FENCED_INSTANCE_ID)
  const third = world.join(two)
  await world.advance(9_000)
  const follower = await third.value
  await second.value
  const parkedSync = world.sync({ ...follower, ...two })
  world.join(two)
  assert.equal((await parkedSync.value).errorCode, ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(await world.state(), 'PreparingRebalance', 'the leader may be assigning to the old id')
})

test('a return that changes the selected protocol rebalances', async () => {
  const world = await GroupWorld.start()
  const offer = (...names: string[]) => ({
    protocols: names.map((name) => ({ name, metadata: subscription('topic') })),
  })
  await world.stable({ ...one, ...offer('a', 'b') }, { ...two, ...offer('a', 'b') })
  world.join({ ...two, ...offer('b') })
  // Protocol a is offered by one member only now, so b must take over.
  await settle()
  assert.equal(await world.state(), 'PreparingRebalance')
})

test('a static member that is away keeps its place in a rebalance until its session ends', async () => {
  const world = await GroupWorld.start()
  const long = { sessionTimeoutMs: 90_000 }
  const [leader, away] = await world.stable({ ...one, ...long }, { ...two, ...long })
  assert.ok(leader && away)
  const rejoin = world.join({ ...one, ...long, memberId: leader.memberId })
  await world.advance(60_000)
  const reply = await rejoin.value
  assert.equal(reply.generationId, 2)
  assert.deepEqual(
    reply.members.map(({ groupInstanceId }) => groupInstanceId),
    ['one', 'two'],
  )
})

test('when only absent static members are left the group waits for them', async () => {
  const world = await GroupWorld.start()
  const [only, dynamic] = await world.stable({ ...one, sessionTimeoutMs: 100_000 }, {})
  assert.ok(only && dynamic)
  await world.leave({ memberId: dynamic.memberId })
  await world.advance(60_000)
  assert.equal(await world.state(), 'PreparingRebalance')
  await world.advance(50_000)
  assert.equal(await world.state(), 'Empty')
})

test('a static leader that is away hands over to a member that is there', async () => {
  const world = await GroupWorld.start()
  const long = { sessionTimeoutMs: 90_000 }
  const [leader, other] = await world.stable({ ...one, ...long }, { ...two, ...long })
  assert.ok(leader && other)
  const changed = [{ name: 'range', metadata: subscription('b') }]
  const rejoin = world.join({ ...two, ...long, memberId: other.memberId, protocols: changed })
  await world.advance(60_000)
  const reply = await rejoin.value
  assert.deepEqual([reply.leader, reply.members.length], [other.memberId, 2])
})

test('who takes a place owes the SyncGroup of the one before', async () => {
  const world = await GroupWorld.start()
  const long = { sessionTimeoutMs: 200_000 }
  const joins = [world.join({ ...one, ...long }), world.join({ ...two, ...long })]
  await world.advance(6_000)
  const [leader] = await Promise.all(joins.map(({ value }) => value))
  assert.ok(leader)
  await world.sync({ ...leader, ...one }).value
  const back = await world.join({ ...two, ...long }).value
  assert.equal(await world.state(), 'Stable')
  await world.advance(60_000)
  assert.equal(await world.heartbeat({ ...back, ...two }), ErrorCode.UNKNOWN_MEMBER_ID)
})
