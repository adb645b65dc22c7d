// LeaveGroup of one and of many, and what it does to those who stay.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { settle } from '../coordinator/memory-log.js'
import { GROUP, GroupWorld } from './harness.js'

test('the last member that leaves makes the group Empty, durably', async () => {
  const world = await GroupWorld.start()
  const [only] = await world.stable({})
  assert.ok(only)
  world.log.held = true
  const leaving = world.leave({ memberId: only.memberId })
  await settle()
  assert.equal(world.log.pending.length, 1)
  world.log.complete()
  assert.deepEqual(await leaving, {
    errorCode: ErrorCode.NONE,
    members: [{ memberId: only.memberId, groupInstanceId: null, errorCode: ErrorCode.NONE }],
  })
  assert.equal(await world.state(), 'Empty')
  assert.equal((await world.replayed()).group(GROUP).state, 'Empty')
})

test('those who stay rebalance', async () => {
  const world = await GroupWorld.start()
  const [leader, follower] = await world.stable({}, {})
  assert.ok(leader && follower)
  await world.leave({ memberId: leader.memberId })
  assert.equal(await world.heartbeat(follower), ErrorCode.REBALANCE_IN_PROGRESS)
  const reply = await world.join({ memberId: follower.memberId }).value
  assert.deepEqual([reply.generationId, reply.leader], [2, follower.memberId])
})

test('each of several members has its own result', async () => {
  const world = await GroupWorld.start()
  const [a, b] = await world.stable({ groupInstanceId: 'one' }, {})
  assert.ok(a && b)
  const pending = await world.join().value
  const reply = await world.leave(
    { groupInstanceId: 'one' },
    { groupInstanceId: 'two' },
    { memberId: b.memberId, groupInstanceId: 'one' },
    { memberId: 'nobody' },
    { memberId: pending.memberId },
    {},
  )
  assert.deepEqual(
    reply.members.map(({ errorCode }) => errorCode),
    [
      ErrorCode.NONE,
      ErrorCode.UNKNOWN_MEMBER_ID,
      ErrorCode.UNKNOWN_MEMBER_ID,
      ErrorCode.UNKNOWN_MEMBER_ID,
      ErrorCode.NONE,
      ErrorCode.UNKNOWN_MEMBER_ID,
    ],
  )
  assert.equal(await world.state(), 'PreparingRebalance')
})

test('a static member is fenced from leaving under an old member id', async () => {
  const world = await GroupWorld.start()
  await world.stable({ groupInstanceId: 'one' })
  const reply = await world.leave({ memberId: 'old', groupInstanceId: 'one' })
  assert.equal(reply.members[0]?.errorCode, ErrorCode.FENCED_INSTANCE_ID)
  assert.equal(await world.state(), 'Stable')
})

test('somebody who only has an id leaves without disturbing the others', async () => {
  const world = await GroupWorld.start()
  await world.stable({})
  const pending = await world.join().value
  await world.leave({ memberId: pending.memberId })
  assert.equal(await world.state(), 'Stable')
  assert.equal(
    (await world.join({ memberId: pending.memberId }).value).errorCode,
    ErrorCode.UNKNOWN_MEMBER_ID,
  )
})

test('leaving ends the waits of the one who leaves', async () => {
  const world = await GroupWorld.start()
  const joining = await world.newMember()
  const { members } = await world.coordinator.describeGroup(GROUP)
  await world.leave({ memberId: members[0]?.memberId ?? '' })
  assert.equal((await joining.value).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  await world.advance(3_000)
  assert.equal(await world.state(), 'Empty')
  const { follower } = await world.completing()
  const waiting = world.sync(follower)
  await settle()
  assert.equal(waiting.done, false)
  await world.leave({ memberId: follower.memberId })
  assert.equal((await waiting.value).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('an unknown group tells so per member, an empty id at the top', async () => {
  const world = await GroupWorld.start()
  assert.deepEqual(await world.leave({ memberId: 'x' }), {
    errorCode: ErrorCode.NONE,
    members: [{ memberId: 'x', groupInstanceId: null, errorCode: ErrorCode.UNKNOWN_MEMBER_ID }],
  })
  const reply = await world.coordinator.leaveGroup({ groupId: '', members: [] })
  assert.equal(reply.errorCode, ErrorCode.INVALID_GROUP_ID)
})

test('an empty group takes another protocol type', async () => {
  const world = await GroupWorld.start()
  const [only] = await world.stable({})
  await world.leave({ memberId: only?.memberId ?? '' })
  const [worker] = await world.stable({ protocolType: 'connect' })
  assert.deepEqual([worker?.protocolType, worker?.generationId], ['connect', 3])
})
