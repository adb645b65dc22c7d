// What a careless or hostile client cannot do, and what everyone is told while a shard loads or is elsewhere.

import assert from 'node:assert/strict'
import test from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { SeededRandom } from '../../src/base/random.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import { defaultGroupConfig } from '../../src/groups/config.js'
import { GroupCoordinator } from '../../src/groups/group-coordinator.js'
import { PENDING_MEMBERS_MAX } from '../../src/groups/limits.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { MemoryLog, settle } from '../coordinator/memory-log.js'
import { commitRequest, GROUP, GroupWorld, joinRequest, subscription } from './harness.js'

test('ids are not given out without end', async () => {
  const world = await GroupWorld.start()
  await world.stable({})
  for (let count = 0; count < PENDING_MEMBERS_MAX; count++) await world.join().value
  assert.equal((await world.join().value).errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED)
  await world.advance(10_000)
  assert.equal((await world.join().value).errorCode, ErrorCode.MEMBER_ID_REQUIRED, 'they expire')
})

test('names that would not fit a record are refused', async () => {
  const world = await GroupWorld.start()
  const long = 'x'.repeat(1_025)
  assert.equal((await world.join({ clientId: long }).value).errorCode, ErrorCode.INVALID_REQUEST)
  assert.equal((await world.join({ groupInstanceId: long }).value).errorCode, ErrorCode.INVALID_REQUEST)
  const protocols = Array.from({ length: 1_001 }, (_, index) => ({
    name: `${index}`,
    metadata: Buffer.alloc(0),
  }))
  assert.equal((await world.join({ protocols }).value).errorCode, ErrorCode.INVALID_REQUEST)
  assert.equal(world.log.recordTotal, 0)
  const { errorMessage } = await world.coordinator.describeGroup('g'.repeat(30_000))
  assert.ok(errorMessage !== null && errorMessage.length < 300)
})

test('any bytes may stand where a subscription should', async () => {
  const random = new SeededRandom(7)
  for (let round = 0; round < 50; round++) {
    const world = await GroupWorld.start({}, new MemoryLog(), round)
    const metadata = random.bytes(random.int(40))
    const [member] = await world.stable({ protocols: [{ name: 'range', metadata }] })
    assert.equal(member?.errorCode, ErrorCode.NONE)
    const next = await world.restarted()
    assert.equal(await next.state(), 'Stable')
  }
})

test('a returning static member whose group would outgrow its record changes nothing', async () => {
  const world = await GroupWorld.start()
  const one = { groupInstanceId: 'one' }
  const [member] = await world.stable(one)
  assert.ok(member)
  const metadata = Buffer.concat([subscription('topic'), Buffer.alloc(1_000_000)])
  const back = await world.join({ ...one, protocols: [{ name: 'range', metadata }] }).value
  assert.equal(back.errorCode, ErrorCode.UNKNOWN_SERVER_ERROR)
  assert.equal(await world.heartbeat({ ...member, ...one }), ErrorCode.NONE)
})

test('while a shard loads, requests are told so; heartbeats are believed', async () => {
  const clock = new FakeClock()
  const log = new MemoryLog()
  const coordinator = new GroupCoordinator({
    config: defaultGroupConfig,
    partitionCount: () => 1,
    clock,
    timers: new TimingWheel({ clock }),
    random: new SeededRandom(1),
    logger: nullLogger,
  })
  const member = { groupId: GROUP, generationId: 1, memberId: 'm', groupInstanceId: null }
  const codes = async () => [
    (await coordinator.joinGroup(joinRequest())).errorCode,
    (await coordinator.syncGroup({ ...member, protocolType: null, protocolName: null, assignments: [] }))
      .errorCode,
    await coordinator.heartbeat(member),
    (await coordinator.leaveGroup({ groupId: GROUP, members: [] })).errorCode,
    (await coordinator.commitOffsets(commitRequest()))[0]?.partitions[0]?.errorCode,
    (await coordinator.fetchOffsets({ groupId: GROUP, topics: null, requireStable: true })).errorCode,
    (await coordinator.deleteOffsets({ groupId: GROUP, topics: [] })).errorCode,
    await coordinator.deleteGroup(GROUP),
    (await coordinator.describeGroup(GROUP)).errorCode,
    (await coordinator.listGroups({ states: [], types: [] })).errorCode,
  ]
  const elsewhere = Array(9).fill(ErrorCode.NOT_COORDINATOR)
  assert.deepEqual(await codes(), [...elsewhere, ErrorCode.NONE], 'no shard: not our groups')
  log.endOffset = 1
  log.readError = new Error('not yet')
  await coordinator.load(0, log)
  const loading = Array(10).fill(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  loading[2] = ErrorCode.NONE
  assert.deepEqual(await codes(), loading)
  assert.equal(coordinator.serves(GROUP), false)
  await coordinator.topicsDeleted(['topic'])
  coordinator.stop()
  assert.deepEqual((await codes()).slice(0, 9), elsewhere)
})

test('when a shard is unloaded everyone who waits is sent elsewhere', async () => {
  const world = await GroupWorld.start()
  const joining = await world.newMember()
  world.coordinator.unload(0)
  await settle()
  assert.equal((await joining.value).errorCode, ErrorCode.NOT_COORDINATOR)
  assert.equal(world.timers.size, 0)
})
