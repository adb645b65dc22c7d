// Offsets: who may commit when, what fetch tells, deletion and expiry, and what survives a restart.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { OffsetCommitKey, OffsetCommitValue } from '../../src/protocol/messages/group-metadata-records.js'
import { buildBatch, buildTransactionMarker } from '../../src/protocol/records/batch-builder.js'
import { encodeRecordKey, encodeVersioned } from '../../src/protocol/versioned.js'
import { settle } from '../coordinator/memory-log.js'
import { commitRequest, GROUP, GroupWorld, joinRequest, subscription, TOPIC_ID } from './harness.js'

const DAY_MS = 24 * 3_600_000

test('a simple consumer commits and fetches without a group', async () => {
  const world = await GroupWorld.start()
  assert.equal(await world.fetch(), -1)
  assert.equal(await world.commit({ offset: 42, metadata: 'note' }), ErrorCode.NONE)
  const topics = [{ name: 'topic', partitionIndexes: [0, 1] }]
  assert.deepEqual(await world.coordinator.fetchOffsets({ groupId: GROUP, topics, requireStable: false }), {
    errorCode: ErrorCode.NONE,
    topics: [
      {
        name: 'topic',
        partitions: [
          { partitionIndex: 0, committedOffset: 42, committedLeaderEpoch: 3, metadata: 'note', errorCode: 0 },
          { partitionIndex: 1, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 },
        ],
      },
    ],
  })
  assert.equal(await world.state(), 'Empty')
})

test('null topics mean all offsets of the group', async () => {
  const world = await GroupWorld.start()
  await world.commit({ offset: 1 })
  await world.commit({ groupId: 'other', offset: 2 })
  const reply = await world.coordinator.fetchOffsets({ groupId: GROUP, topics: null, requireStable: false })
  assert.deepEqual(
    reply.topics.map(({ name, partitions }) => [
      name,
      partitions.map(({ committedOffset }) => committedOffset),
    ]),
    [['topic', [1]]],
  )
  const none = await world.coordinator.fetchOffsets({ groupId: 'none', topics: null, requireStable: true })
  assert.deepEqual(none, { errorCode: ErrorCode.NONE, topics: [] })
})

test('the empty group id is a simple group like others', async () => {
  const world = await GroupWorld.start()
  assert.equal(await world.commit({ groupId: '', offset: 7 }), ErrorCode.NONE)
  assert.equal(await world.fetch('topic', 0, ''), 7)
})

test('metadata is limited per partition', async () => {
  const world = await GroupWorld.start({ offsetMetadataBytesMax: 4 })
  assert.equal(await world.commit({ metadata: '12345' }), ErrorCode.OFFSET_METADATA_TOO_LARGE)
  assert.equal(await world.state(), 'Dead', 'nothing was created')
  assert.equal(await world.commit({ metadata: '1234' }), ErrorCode.NONE)
})

test('who may commit', async () => {
  const world = await GroupWorld.start()
  assert.equal(await world.commit({ generationId: 1, memberId: 'x' }), ErrorCode.GROUP_ID_NOT_FOUND)
  const old = { generationId: 1, memberId: 'x', knowsGroupIdNotFound: false }
  assert.equal(await world.commit(old), ErrorCode.ILLEGAL_GENERATION)
  const joins = [await world.newMember(), await world.newMember()]
  await world.advance(6_000)
  const [leader, follower] = await Promise.all(joins.map(({ value }) => value))
  assert.ok(leader && follower)
  assert.equal(await world.commit(leader), ErrorCode.REBALANCE_IN_PROGRESS)
  await world.syncAll([leader, follower])
  assert.equal(await world.commit(leader), ErrorCode.NONE)
  assert.equal(await world.commit({ ...leader, generationId: 0 }), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await world.commit({ ...leader, generationId: -1 }), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await world.commit({ ...leader, memberId: 'x' }), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await world.commit({ ...leader, groupInstanceId: 'x' }), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(
    await world.commit(),
    ErrorCode.UNKNOWN_MEMBER_ID,
    'a simple consumer, while there are members',
  )
  world.join({ memberId: leader.memberId })
  await settle()
  assert.equal(
    await world.commit(follower),
    ErrorCode.NONE,
    'in PreparingRebalance the generation still counts',
  )
})

test('a commit is a sign of life', async () => {
  const world = await GroupWorld.start()
  const [leader] = await world.stable({})
  assert.ok(leader)
  for (let round = 0; round < 4; round++) {
    await world.advance(6_000)
    assert.equal(await world.commit(leader), ErrorCode.NONE)
  }
})

test('a commit is answered when it is written, and seen by nobody before', async () => {
  const world = await GroupWorld.start()
  world.log.held = true
  let committed = false
  const commit = world.commit({ offset: 9 }).then(() => {
    committed = true
  })
  const fetch = world.fetch()
  await settle()
  assert.equal(committed, false)
  world.log.complete()
  await commit
  assert.equal(await fetch, 9)
})

test('offsets and groups survive a restart, latest first', async () => {
  const world = await GroupWorld.start()
  const [leader] = await world.stable({})
  assert.ok(leader)
  await world.commit({ ...leader, offset: 1 })
  await world.commit({ ...leader, offset: 2 })
  const next = await world.restarted()
  assert.equal(await next.fetch(), 2)
  assert.equal(await next.state(), 'Stable')
  assert.equal(await next.heartbeat(leader), ErrorCode.NONE)
  assert.deepEqual((await next.sync(leader).value).assignment, Buffer.from(`to ${leader.memberId}`))
  await next.advance(10_000)
  assert.equal(await next.state(), 'Empty', 'sessions run on after loading')
})

test('deleting a group takes its offsets along', async () => {
  const world = await GroupWorld.start()
  assert.equal(await world.coordinator.deleteGroup(GROUP), ErrorCode.GROUP_ID_NOT_FOUND)
  assert.equal(await world.coordinator.deleteGroup(''), ErrorCode.INVALID_GROUP_ID)
  const [leader] = await world.stable({})
  assert.ok(leader)
  await world.commit(leader)
  assert.equal(await world.coordinator.deleteGroup(GROUP), ErrorCode.NON_EMPTY_GROUP)
  await world.leave({ memberId: leader.memberId })
  assert.equal(await world.coordinator.deleteGroup(GROUP), ErrorCode.NONE)
  assert.equal(await world.fetch(), -1)
  const next = await world.restarted()
  assert.deepEqual(await next.coordinator.listGroups({ states: [], types: [] }), { errorCode: 0, groups: [] })
  assert.equal(await next.fetch(), -1)
})

test('an id given out by a deleted group is unknown to its successor', async () => {
  const world = await GroupWorld.start()
  const before = world.timers.size
  const { memberId } = await world.join().value
  assert.equal(await world.coordinator.deleteGroup(GROUP), ErrorCode.NONE)
  assert.equal(world.timers.size, before)
  assert.equal((await world.join({ memberId }).value).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('single offsets are deleted unless the group is subscribed to the topic', async () => {
  const world = await GroupWorld.start()
  const request = (name: string) => ({
    groupId: GROUP,
    topics: [{ name, partitions: [{ partitionIndex: 0 }] }],
  })
  assert.equal((await world.coordinator.deleteOffsets(request('a'))).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
  const [leader] = await world.stable({ protocols: [{ name: 'range', metadata: subscription('a') }] })
  assert.ok(leader)
  const topics = ['a', 'b'].map((name) => ({ ...commitRequest().topics[0], name }))
  await world.commit({ ...leader, topics: topics as never })
  const subscribed = await world.coordinator.deleteOffsets(request('a'))
  assert.equal(subscribed.topics[0]?.partitions[0]?.errorCode, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)
  assert.equal(await world.fetch('a'), 5)
  const free = await world.coordinator.deleteOffsets(request('b'))
  assert.deepEqual(free.topics, [
    { name: 'b', partitions: [{ partitionIndex: 0, errorCode: ErrorCode.NONE }] },
  ])
  assert.equal(await world.fetch('b'), -1)
  const writes = world.log.recordTotal
  await world.coordinator.deleteOffsets(request('b'))
  assert.equal(world.log.recordTotal, writes, 'nothing there, nothing written')
})

test('offsets of a group we cannot look into are not deleted while it has members', async () => {
  const world = await GroupWorld.start()
  await world.stable({ protocolType: 'connect', protocols: [{ name: 'p', metadata: Buffer.alloc(0) }] })
  const request = { groupId: GROUP, topics: [{ name: 'a', partitions: [{ partitionIndex: 0 }] }] }
  assert.equal((await world.coordinator.deleteOffsets(request)).errorCode, ErrorCode.NON_EMPTY_GROUP)
})

test('a consumer whose subscription cannot be read may be subscribed to anything', async () => {
  const world = await GroupWorld.start()
  await world.stable({ protocols: [{ name: 'range', metadata: Buffer.from([0]) }] })
  const request = { groupId: GROUP, topics: [{ name: 'a', partitions: [{ partitionIndex: 0 }] }] }
  const { topics } = await world.coordinator.deleteOffsets(request)
  assert.equal(topics[0]?.partitions[0]?.errorCode, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)
})

test('offsets of a deleted topic are forgotten in every group', async () => {
  const world = await GroupWorld.start()
  await world.commit({ groupId: 'a' })
  await world.commit({ groupId: 'b' })
  await world.coordinator.topicsDeleted(['topic'])
  const next = await world.restarted()
  assert.deepEqual([await next.fetch('topic', 0, 'a'), await next.fetch('topic', 0, 'b')], [-1, -1])
})

test('a topic deleted while the shard loads is not missed', async () => {
  const world = await GroupWorld.start()
  await world.commit()
  world.log.held = true
  world.commit({ offset: 6 })
  await settle()
  world.log.fail()
  await settle()
  world.log.held = false
  await world.coordinator.topicsDeleted(['topic'])
  await world.advance(1_000)
  assert.equal(await world.fetch(), -1)
})

test('offsets of a topic that went while nobody could say so are gone after loading', async () => {
  const world = await GroupWorld.start()
  const topic = (name: string, topicId = TOPIC_ID) => {
    const partition = {
      partitionIndex: 0,
      committedOffset: 5,
      committedLeaderEpoch: -1,
      committedMetadata: '',
    }
    return { topics: [{ name, topicId, partitions: [partition] }] }
  }
  await world.commit(topic('here'))
  await world.commit(topic('gone'))
  await world.commit(topic('made-again', 'AAAAAAAAAAAAAAAAAAAAAw'))
  const isGone = (name: string, id: string) => name === 'gone' || id !== TOPIC_ID
  const next = await world.restarted({}, isGone)
  const all = async ({ coordinator }: GroupWorld) => {
    const { topics } = await coordinator.fetchOffsets({ groupId: GROUP, topics: null, requireStable: false })
    return topics.map(({ name }) => name)
  }
  assert.deepEqual(await all(next), ['here'])
  assert.deepEqual(await all(await next.restarted()), ['here'], 'the log says so from now on')
})

const retention = { offsetsRetentionMs: DAY_MS, offsetsRetentionCheckIntervalMs: 3_600_000 }

test('offsets of a simple group expire, and the group with them', async () => {
  const world = await GroupWorld.start(retention)
  await world.commit()
  await world.advance(DAY_MS - 3_600_000)
  assert.equal(await world.fetch(), 5)
  await world.advance(3_600_000)
  assert.equal(await world.fetch(), -1)
  assert.equal(await world.state(), 'Dead')
  assert.equal((await world.replayed()).groups.size, 0)
})

test('a group keeps its offsets for the retention time after it became empty', async () => {
  const world = await GroupWorld.start(retention)
  const long = { sessionTimeoutMs: 1_800_000 }
  const [leader] = await world.stable(long)
  assert.ok(leader)
  await world.commit(leader)
  for (let hour = 0; hour < 30; hour++) {
    await world.advance(1_700_000)
    assert.equal(await world.heartbeat(leader), ErrorCode.NONE)
    await world.advance(1_700_000)
    assert.equal(await world.heartbeat(leader), ErrorCode.NONE)
  }
  assert.equal(await world.fetch(), 5, 'subscribed offsets do not expire')
  await world.leave({ memberId: leader.memberId })
  await world.advance(DAY_MS - 3_600_000)
  assert.equal(await world.fetch(), 5)
  await world.advance(7_200_000)
  assert.equal(await world.fetch(), -1)
})

test('a living group loses the offsets of topics it is no longer subscribed to', async () => {
  const world = await GroupWorld.start(retention)
  const [leader] = await world.stable({ sessionTimeoutMs: 1_800_000 })
  assert.ok(leader)
  await world.commit(leader)
  const [{ partitions = [] } = {}] = commitRequest().topics
  await world.commit({ ...leader, topics: [{ name: 'former', topicId: TOPIC_ID, partitions }] })
  let passedMs = 0
  for (; (await world.fetch('former')) !== -1; passedMs += 1_700_000) {
    assert.ok(passedMs < 2 * DAY_MS, 'it expires')
    await world.advance(1_700_000)
    assert.equal(await world.heartbeat(leader), ErrorCode.NONE)
  }
  assert.ok(passedMs >= DAY_MS, `not after ${passedMs} ms`)
  assert.equal(await world.fetch(), 5)
  assert.equal(await (await world.restarted()).fetch('former'), -1)
})

test('an expiry asked for by an old client is kept', async () => {
  const world = await GroupWorld.start(retention)
  await world.commit({ retentionTimeMs: 3_000_000 })
  const next = await world.restarted()
  assert.equal(await next.fetch(), 5)
  await next.advance(3_600_000)
  assert.equal(await next.fetch(), -1)
})

test('offsets of an open transaction are unstable until its marker', async () => {
  const world = await GroupWorld.start()
  await world.commit({ offset: 1 })
  world.coordinator.stop()
  const record = (offset: number) => ({
    key: encodeRecordKey(OffsetCommitKey, { group: GROUP, topic: 'topic', partition: 0 }),
    value: encodeVersioned(OffsetCommitValue, 4, {
      offset,
      leaderEpoch: -1,
      metadata: '',
      commitTimestamp: 1,
      topicId: TOPIC_ID,
    }),
    timestamp: 1,
  })
  const producer = { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true }
  world.log.store(buildBatch([record(2)], producer))
  const open = await GroupWorld.start({}, world.log)
  assert.equal(await open.fetch(), 1)
  const topics = [{ name: 'topic', partitionIndexes: [0] }]
  const unstable = await open.coordinator.fetchOffsets({ groupId: GROUP, topics, requireStable: true })
  assert.equal(unstable.topics[0]?.partitions[0]?.errorCode, ErrorCode.UNSTABLE_OFFSET_COMMIT)
  const marker = { producerId: 7, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1 }
  world.log.store(buildTransactionMarker({ ...marker, commit: true }))
  assert.equal(await (await GroupWorld.start({}, world.log)).fetch(), 2)
  world.log.store(buildBatch([record(3)], { ...producer, producerId: 8 }))
  world.log.store(buildTransactionMarker({ ...marker, producerId: 8, commit: false }))
  const ended = await GroupWorld.start({}, world.log)
  assert.equal(await ended.fetch('topic', 0, GROUP, true), 2)
})

test('describe and list tell what tools print', async () => {
  const world = await GroupWorld.start()
  await world.commit({ groupId: 'simple' })
  const [leader] = await world.stable({})
  assert.ok(leader)
  assert.deepEqual(await world.coordinator.describeGroup(GROUP), {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    groupId: GROUP,
    groupState: 'Stable',
    protocolType: 'consumer',
    protocolData: 'range',
    members: [
      {
        memberId: leader.memberId,
        groupInstanceId: null,
        clientId: 'client',
        clientHost: joinRequest().clientHost,
        memberMetadata: subscription('topic'),
        memberAssignment: Buffer.from(`to ${leader.memberId}`),
      },
    ],
  })
  const unknown = await world.coordinator.describeGroup('unknown')
  assert.deepEqual([unknown.errorCode, unknown.groupState], [ErrorCode.GROUP_ID_NOT_FOUND, 'Dead'])
  assert.equal((await world.coordinator.describeGroup('')).errorCode, ErrorCode.INVALID_GROUP_ID)
  const list = async (states: string[], types: string[] = []) =>
    (await world.coordinator.listGroups({ states, types })).groups.map(({ groupId }) => groupId).sort()
  assert.deepEqual(await list([]), [GROUP, 'simple'])
  assert.deepEqual(await list(['STABLE ']), [GROUP])
  assert.deepEqual(await list(['empty'], ['Classic']), ['simple'])
  assert.deepEqual(await list([], ['consumer']), [])
  assert.deepEqual(await list(['assigning']), [])
})
