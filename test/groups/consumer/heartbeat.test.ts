// The life of members of a consumer group, as a client sees it.

import assert from 'node:assert/strict'
import test from 'node:test'
import { defaultGroupConfig } from '../../../src/groups/config.js'
import { ErrorCode } from '../../../src/protocol/errors.js'
import { commitRequest, GROUP } from '../harness.js'
import { Client, ConsumerWorld, durable, idOf, settleGroup, wire } from './harness.js'

const joining = { memberId: 'm', rebalanceTimeoutMs: 60_000, topicPartitions: [] }

test('a first member gets everything at once', async () => {
  const world = await ConsumerWorld.start()
  const reply = await world.heartbeat({ ...joining, subscribedTopicNames: ['topic'] })
  assert.deepEqual(reply, {
    errorCode: 0,
    errorMessage: null,
    memberId: 'm',
    memberEpoch: 2,
    heartbeatIntervalMs: 5_000,
    assignment: { topicPartitions: [{ topicId: idOf('topic'), partitions: [0, 1, 2] }] },
  })
  assert.equal(world.group().state, 'Stable')
  const quiet = await world.heartbeat({ memberId: 'm', memberEpoch: 2 })
  assert.deepEqual([quiet.errorCode, quiet.memberEpoch, quiet.assignment], [0, 2, null])
})

test('a member without id is given one in version 0 only', async () => {
  const world = await ConsumerWorld.start()
  const request = { ...joining, memberId: '', subscribedTopicNames: ['topic'] }
  const reply = await world.heartbeat(request)
  assert.match(reply.memberId ?? '', /^[0-9a-f-]{36}$/)
  const refused = await world.heartbeat({ ...request, requireMemberId: true })
  assert.equal(refused.errorCode, ErrorCode.INVALID_REQUEST)
})

test('partitions are given up before another gets them', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  const a = new Client(world, 'a')
  const b = new Client(world, 'b')
  await a.join()
  assert.deepEqual((await b.join()).assignment, { topicPartitions: [] })
  assert.equal(world.group().state, 'Reconciling')
  const owned = { topic: [0, 1, 2, 3] }
  const told = await a.beat()
  assert.deepEqual([told.memberEpoch, a.owned.topic?.length], [2, 2])
  // It says that it still has what it was told to give up: nothing moves.
  const still = await a.beat({ topicPartitions: wire(owned) })
  assert.deepEqual([still.memberEpoch, still.assignment], [2, null])
  assert.equal((await b.beat()).assignment, null)
  assert.equal((await a.beat()).memberEpoch, 3)
  await b.beat()
  assert.deepEqual([...(a.owned.topic ?? []), ...(b.owned.topic ?? [])].sort(), owned.topic)
  assert.equal(world.group().state, 'Stable')
})

test('a member that does not give up in time is removed', async () => {
  const world = await ConsumerWorld.start({ topic: 2 })
  const [a, b] = [new Client(world, 'a'), new Client(world, 'b')]
  await a.join()
  await b.join()
  const owned = wire({ topic: [0, 1] })
  for (let at = 0; at < 59; at++) {
    await a.beat({ topicPartitions: owned, memberEpoch: 2 })
    await world.advance(1_000)
    await b.beat()
  }
  assert.ok(world.group().members.has('a'))
  await world.advance(1_000)
  assert.equal((await a.beat()).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  await b.beat()
  assert.deepEqual(b.owned, { topic: [0, 1] })
})

test('a silent member is removed after the session timeout', async () => {
  const world = await ConsumerWorld.start()
  const [a, b] = [new Client(world, 'a'), new Client(world, 'b')]
  await a.join()
  await b.join()
  await settleGroup(a, b)
  await world.advance(44_000)
  await b.beat()
  await world.advance(1_000)
  assert.deepEqual([...world.group().members.keys()], ['b'])
  await settleGroup(b)
  assert.deepEqual(b.owned, { topic: [0, 1, 2] })
})

test('epochs: ahead is fenced, behind is fenced but for a lost reply', async () => {
  const world = await ConsumerWorld.start({ topic: 2 })
  const [a, b] = [new Client(world, 'a'), new Client(world, 'b')]
  await a.join()
  await b.join()
  await settleGroup(a, b)
  const epoch = a.memberEpoch
  assert.equal((await a.beat({ memberEpoch: epoch + 1 })).errorCode, ErrorCode.FENCED_MEMBER_EPOCH)
  const lost = await a.beat({ memberEpoch: epoch - 1 })
  assert.deepEqual([lost.errorCode, lost.memberEpoch], [0, epoch])
  const foreign = { memberEpoch: epoch - 1, topicPartitions: wire({ topic: [0, 1] }) }
  assert.equal((await a.beat(foreign)).errorCode, ErrorCode.FENCED_MEMBER_EPOCH)
  assert.equal((await a.beat({ memberId: 'nobody' })).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  // Who was fenced starts over under its old id.
  const again = await a.join()
  assert.deepEqual([again.errorCode, again.memberEpoch, a.owned.topic?.length], [0, epoch, 1])
})

test('a full heartbeat is answered with the assignment', async () => {
  const world = await ConsumerWorld.start()
  const a = new Client(world, 'a')
  await a.join()
  const full = await a.beat({ rebalanceTimeoutMs: 60_000, subscribedTopicNames: ['topic'] })
  assert.notEqual(full.assignment, null)
})

test('subscriptions move the group on, and what is not said stays', async () => {
  const world = await ConsumerWorld.start({ topic: 1, other: 2 })
  const a = new Client(world, 'a')
  await a.join()
  await a.beat({ subscribedTopicNames: ['other'] })
  await settleGroup(a)
  assert.deepEqual([a.owned, world.group().groupEpoch], [{ other: [0, 1] }, 3])
})

test('topics that come, grow and go', async () => {
  const world = await ConsumerWorld.start({})
  const a = new Client(world, 'a')
  await a.join()
  assert.deepEqual(a.owned, {})
  world.topics.set('topic', 1)
  await a.beat()
  assert.deepEqual([a.owned, a.memberEpoch], [{ topic: [0] }, 3])
  world.topics.set('topic', 3)
  await a.beat()
  assert.deepEqual([a.owned, a.memberEpoch], [{ topic: [0, 1, 2] }, 4])
  world.topics.set('unrelated', 3)
  await a.beat()
  assert.equal(a.memberEpoch, 4)
  world.topics.delete('topic')
  await settleGroup(a)
  assert.deepEqual([a.owned, a.memberEpoch], [{}, 5])
})

test('assignments are made no closer than the interval', async () => {
  const settings = { sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5_000, assignmentIntervalMs: 1_000 }
  const world = await ConsumerWorld.start({ topic: 2 }, { settingsOf: () => settings })
  const [a, b] = [new Client(world, 'a'), new Client(world, 'b')]
  await a.join()
  assert.deepEqual(a.owned, { topic: [0, 1] })
  await b.join()
  assert.equal(world.group().state, 'Assigning')
  assert.deepEqual([b.memberEpoch, b.owned], [2, {}])
  await world.advance(1_000)
  await settleGroup(a, b)
  assert.deepEqual([a.owned.topic?.length, b.owned.topic?.length], [1, 1])
})

test('a pattern is matched against topics, again when there are new ones', async () => {
  const world = await ConsumerWorld.start({ 'orders-1': 1, other: 1 })
  const a = new Client(world, 'a', { subscribedTopicRegex: 'orders.*' })
  await a.join()
  assert.deepEqual(Object.keys(a.owned), ['orders_1'])
  world.topics.set('orders-2', 1)
  await a.beat({ topicPartitions: null })
  assert.equal(Object.keys(a.owned).length, 1)
  await world.advance(10_000)
  await a.beat({ topicPartitions: null })
  assert.deepEqual(Object.keys(a.owned), ['orders_1', 'orders_2'])
  await a.beat({ subscribedTopicRegex: '', subscribedTopicNames: ['other'], topicPartitions: null })
  await a.beat({ topicPartitions: [] })
  assert.deepEqual([a.owned, world.group().regexes.size], [{ other: [0] }, 0])
})

test('a resolved pattern is looked at again after its interval, even if no topic came or went', async () => {
  const world = await ConsumerWorld.start({ orders: 1 }, { regexRefreshIntervalMs: 40_000 })
  const a = new Client(world, 'a', { subscribedTopicRegex: 'orders.*' })
  await a.join()
  const resolvedAt = () => world.group().regexes.get('orders.*')?.timestamp ?? 0
  const first = resolvedAt()
  await world.advance(39_999)
  await a.beat()
  assert.equal(resolvedAt(), first)
  await world.advance(1)
  await a.beat()
  assert.equal(resolvedAt(), first + 40_000)
  assert.equal(world.group().groupEpoch, 2, 'the same topics move nothing')
})

test('a pattern that is none is refused and leaves nothing behind', async () => {
  const world = await ConsumerWorld.start()
  for (const subscribedTopicRegex of ['(', '(?=a)', '((a{99}){99}){99}']) {
    const reply = await world.heartbeat({ ...joining, subscribedTopicRegex })
    assert.equal(reply.errorCode, ErrorCode.INVALID_REGULAR_EXPRESSION)
  }
  assert.equal(world.log.batches.length, 0)
  assert.equal((await world.coordinator.describeConsumerGroup(GROUP)).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
})

test('requests that are wrong whatever the group is', async () => {
  const world = await ConsumerWorld.start()
  const names = { subscribedTopicNames: ['topic'] }
  const invalid = [
    { ...joining, ...names, groupId: '' },
    { ...joining, ...names, instanceId: '' },
    { ...joining, ...names, rackId: '' },
    { ...joining, ...names, rebalanceTimeoutMs: -1 },
    { ...joining, ...names, topicPartitions: null },
    { ...joining, ...names, topicPartitions: wire({ topic: [0] }) },
    { ...joining, ...names, memberId: 'x'.repeat(2_000) },
    { ...joining, subscribedTopicNames: Array.from({ length: 30_000 }, (_, at) => `a-topic-with-${at}`) },
    joining,
    { memberId: '', memberEpoch: 1 },
    { memberId: 'm', memberEpoch: -2 },
    { memberId: 'm', memberEpoch: -3 },
  ]
  for (const request of invalid) {
    assert.equal((await world.heartbeat(request)).errorCode, ErrorCode.INVALID_REQUEST)
  }
  const assignor = await world.heartbeat({ ...joining, ...names, serverAssignor: 'nope' })
  assert.equal(assignor.errorCode, ErrorCode.UNSUPPORTED_ASSIGNOR)
  const unknown = await world.heartbeat({ memberId: 'm', memberEpoch: 4 })
  assert.equal(unknown.errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
  assert.equal(world.log.batches.length, 0)
})

test('a full group takes nobody else', async () => {
  const world = await ConsumerWorld.start({ topic: 2 }, { groupMaxSize: 1 })
  const [a, b] = [new Client(world, 'a'), new Client(world, 'b')]
  await a.join()
  assert.equal((await b.join()).errorCode, ErrorCode.GROUP_MAX_SIZE_REACHED)
  assert.equal((await a.join()).errorCode, ErrorCode.NONE)
})

test('a static member is away for a while and comes back to its partitions', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  const request = { subscribedTopicNames: ['topic'], instanceId: 'i' }
  const [a, b] = [new Client(world, 'a', request), new Client(world, 'b')]
  await a.join()
  await b.join()
  await settleGroup(a, b)
  const owned = a.owned
  const epoch = world.group().groupEpoch
  const early = await new Client(world, 'a2', request).join()
  assert.equal(early.errorCode, ErrorCode.UNRELEASED_INSTANCE_ID)
  const left = await a.leave(-2)
  assert.deepEqual([left.errorCode, left.memberEpoch], [0, -2])
  const a2 = new Client(world, 'a2', request)
  await a2.join()
  assert.deepEqual([a2.owned, a2.memberEpoch, world.group().groupEpoch], [owned, epoch, epoch])
  const old = { memberId: 'a', memberEpoch: epoch, instanceId: 'i' }
  assert.equal((await world.heartbeat(old)).errorCode, ErrorCode.FENCED_INSTANCE_ID)
  const stranger = { memberId: 'a', memberEpoch: epoch, instanceId: 'other' }
  assert.equal((await world.heartbeat(stranger)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  await a2.leave(-2)
  await world.advance(44_000)
  await b.beat()
  await world.advance(1_000)
  assert.deepEqual([...world.group().members.keys()], ['b'])
})

test('the assignor most members want is used', async () => {
  const world = await ConsumerWorld.start({ t1: 2, t2: 2 })
  const request = { subscribedTopicNames: ['t1', 't2'], serverAssignor: 'range' }
  const clients = ['a', 'b'].map((id) => new Client(world, id, request))
  for (const client of clients) await client.join()
  await settleGroup(...clients)
  assert.deepEqual(
    clients.map(({ owned }) => owned),
    [
      { t1: [0], t2: [0] },
      { t1: [1], t2: [1] },
    ],
  )
  assert.equal((await world.coordinator.describeConsumerGroup(GROUP)).assignorName, 'range')
})

test('a restart keeps everything', async () => {
  const world = await ConsumerWorld.start({ topic: 4, 'orders-1': 1 })
  const a = new Client(world, 'a', { subscribedTopicNames: ['topic'], instanceId: 'i', rackId: 'r' })
  const b = new Client(world, 'b', { subscribedTopicNames: ['topic'], subscribedTopicRegex: 'orders.*' })
  await a.join()
  await b.join()
  await a.beat()
  const before = durable(world.group())
  const later = await world.restarted()
  assert.deepEqual(durable(later.group()), before)
  a.world = b.world = later
  await settleGroup(a, b)
  assert.equal(later.group().state, 'Stable')
  await later.advance(45_000)
  assert.equal(later.group().state, 'Empty')
})

test('offsets: a group loses those of topics no member subscribes to any more, when their time is over', async () => {
  const world = await ConsumerWorld.start({ topic: 2, former: 2 })
  const a = new Client(world, 'a', { subscribedTopicNames: ['topic', 'former'] })
  await a.join()
  const [{ partitions = [] } = {}] = commitRequest().topics
  const named = (name: string) => ({ name, topicId: idOf(name), partitions })
  const topics = [named('topic'), named('former')]
  await world.coordinator.commitOffsets(commitRequest({ memberId: 'a', generationId: a.memberEpoch, topics }))
  const committed = async () => {
    const asked = ['topic', 'former'].map((name) => ({ name, partitionIndexes: [0] }))
    const reply = await world.coordinator.fetchOffsets({
      groupId: GROUP,
      topics: asked,
      requireStable: false,
    })
    return reply.topics.map((topic) => topic.partitions[0]?.committedOffset)
  }
  const { offsetsRetentionMs, offsetsRetentionCheckIntervalMs } = defaultGroupConfig
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 40_000) {
      await world.advance(Math.min(left, 40_000))
      await a.beat()
    }
  }
  await pass(offsetsRetentionMs + 2 * offsetsRetentionCheckIntervalMs)
  assert.deepEqual(await committed(), [5, 5], 'subscribed')
  await a.beat({ subscribedTopicNames: ['topic'] })
  await pass(2 * offsetsRetentionCheckIntervalMs)
  assert.deepEqual(await committed(), [5, -1])
})

test('offsets: a member commits in its epoch, or in an older one what it has had since', async () => {
  const world = await ConsumerWorld.start({ topic: 2 })
  const [a, b] = [new Client(world, 'a'), new Client(world, 'b')]
  const commit = async (
    memberId: string,
    generationId: number,
    partitionIndex = 0,
    knowsGroupIdNotFound = true,
  ) => {
    const partition = { partitionIndex, committedOffset: 7, committedLeaderEpoch: -1, committedMetadata: '' }
    const topics = [{ name: 'topic', topicId: idOf('topic'), partitions: [partition] }]
    const request = commitRequest({ memberId, generationId, topics, knowsGroupIdNotFound })
    return (await world.coordinator.commitOffsets(request))[0]?.partitions[0]?.errorCode
  }
  await a.join()
  assert.equal(await commit('a', 2), ErrorCode.NONE)
  await b.join()
  await settleGroup(a, b)
  const kept = a.owned.topic?.[0] ?? -1
  assert.deepEqual([a.memberEpoch, b.memberEpoch], [3, 3])
  assert.equal(await commit('a', 2, kept), ErrorCode.NONE)
  assert.equal(await commit('a', 2, 1 - kept), ErrorCode.STALE_MEMBER_EPOCH)
  assert.equal(await commit('b', 2, 1 - kept), ErrorCode.STALE_MEMBER_EPOCH)
  assert.equal(await commit('a', 4), ErrorCode.STALE_MEMBER_EPOCH)
  assert.equal(await commit('nobody', 1), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await commit('', -1), ErrorCode.UNKNOWN_MEMBER_ID)
  assert.equal(await commit('a', 3, 0, false), ErrorCode.UNSUPPORTED_VERSION)
  const fetch = async (memberId: string | null, memberEpoch: number) => {
    const topics = [{ name: 'topic', partitionIndexes: [kept] }]
    const request = { groupId: GROUP, topics, requireStable: true, memberId, memberEpoch }
    return world.coordinator.fetchOffsets(request)
  }
  assert.equal((await fetch('a', 3)).topics[0]?.partitions[0]?.committedOffset, 7)
  assert.equal((await fetch(null, -1)).topics[0]?.partitions[0]?.committedOffset, 7)
  assert.equal((await fetch('a', 2)).errorCode, ErrorCode.STALE_MEMBER_EPOCH)
  assert.equal((await fetch('nobody', 1)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  await a.leave()
  await b.leave()
  const empty = await world.coordinator.describeConsumerGroup(GROUP)
  assert.deepEqual([empty.groupState, empty.groupEpoch, empty.assignmentEpoch], ['Empty', 5, 5])
  assert.equal(await commit('', -1), ErrorCode.NONE)
})

test('describing, listing and deleting', async () => {
  const world = await ConsumerWorld.start({ topic: 2 })
  const { coordinator } = world
  const a = new Client(world, 'a', { subscribedTopicNames: ['topic'], instanceId: 'i', rackId: 'r' })
  await a.join()
  const assignment = {
    topicPartitions: [{ topicId: idOf('topic'), topicName: 'topic', partitions: [0, 1] }],
  }
  assert.deepEqual(await coordinator.describeConsumerGroup(GROUP), {
    errorCode: 0,
    errorMessage: null,
    groupId: GROUP,
    groupState: 'Stable',
    groupEpoch: 2,
    assignmentEpoch: 2,
    assignorName: 'uniform',
    members: [
      {
        memberId: 'a',
        instanceId: 'i',
        rackId: 'r',
        memberEpoch: 2,
        clientId: 'client',
        clientHost: '/127.0.0.1',
        subscribedTopicNames: ['topic'],
        subscribedTopicRegex: null,
        assignment,
        targetAssignment: assignment,
        memberType: 1,
      },
    ],
  })
  const asClassic = await coordinator.describeGroup(GROUP)
  assert.equal(asClassic.errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
  assert.equal(asClassic.errorMessage, `Group ${GROUP} is not a classic group.`)
  const nobody = await coordinator.describeConsumerGroup('nobody')
  assert.equal(nobody.errorMessage, 'Group nobody not found.')
  const row = { groupId: GROUP, protocolType: 'consumer', groupState: 'Stable', groupType: 'consumer' }
  const list = async (states: string[], types: string[]) =>
    (await coordinator.listGroups({ states, types })).groups
  assert.deepEqual(await list([], []), [row])
  assert.deepEqual(await list(['stable'], ['Consumer']), [row])
  assert.deepEqual(await list(['empty'], []), [])
  assert.deepEqual(await list([], ['classic']), [])
  assert.equal(await coordinator.deleteGroup(GROUP), ErrorCode.NON_EMPTY_GROUP)
  await a.leave()
  assert.equal(await coordinator.deleteGroup(GROUP), ErrorCode.NONE)
  assert.equal((await world.replayed()).groupCount, 0)
  assert.equal(await coordinator.deleteGroup(GROUP), ErrorCode.GROUP_ID_NOT_FOUND)
})
