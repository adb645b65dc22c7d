// Classic members in a consumer group, and the way there and back.

import assert from 'node:assert/strict'
import test from 'node:test'
import { ErrorCode } from '../../../src/protocol/errors.js'
import { settle } from '../../coordinator/memory-log.js'
import { commitRequest, GROUP, joinRequest, subscription } from '../harness.js'
import { ClassicClient } from './classic-client.js'
import { Client, ConsumerWorld, durable, idOf, settleGroup } from './harness.js'

/** A stable classic group of one member with all partitions. */
async function classicGroup(world: ConsumerWorld): Promise<ClassicClient> {
  const client = new ClassicClient(world)
  const joined = client.join()
  await settle()
  await world.advance(3_000)
  await joined
  assert.equal(await client.sync({ [client.memberId]: [0, 1, 2, 3] }), ErrorCode.NONE)
  return client
}

const sorted = (...owned: (number[] | undefined)[]) => owned.flatMap((each) => each ?? []).sort()

test('a consumer joins a classic group, which becomes a consumer group and back', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  const classic = await classicGroup(world)
  const consumer = new Client(world, 'new')
  assert.equal((await consumer.join()).errorCode, ErrorCode.NONE)
  const { members } = await world.coordinator.describeConsumerGroup(GROUP)
  assert.deepEqual(members.map(({ memberType }) => memberType).sort(), [0, 1])
  assert.deepEqual(consumer.owned, {})
  for (let round = 0; round < 4; round++) {
    await classic.beat()
    await consumer.beat()
  }
  assert.equal(world.group().state, 'Stable')
  assert.deepEqual([classic.owned.length, consumer.owned.topic?.length], [2, 2])
  assert.deepEqual(sorted(classic.owned, consumer.owned.topic), [0, 1, 2, 3])
  assert.deepEqual(durable((await world.replayed()).consumerGroups.get(GROUP)), durable(world.group()))
  await consumer.leave()
  assert.equal((await world.coordinator.describeGroup(GROUP)).groupState, 'PreparingRebalance')
  const { consumerGroups, groups } = await world.replayed()
  assert.deepEqual([consumerGroups.size, groups.get(GROUP)?.members.size], [0, 1])
  assert.equal(await classic.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS)
  const reply = await classic.join()
  assert.deepEqual([reply.errorCode, reply.leader], [0, classic.memberId])
  assert.equal(await classic.sync({ [classic.memberId]: [0, 1, 2, 3] }), ErrorCode.NONE)
  assert.deepEqual(classic.owned, [0, 1, 2, 3])
})

test('a classic member joins a consumer group', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  const consumer = new Client(world, 'new')
  await consumer.join()
  const classic = new ClassicClient(world)
  const reply = await classic.join()
  assert.deepEqual([reply.errorCode, reply.leader, reply.protocolName], [0, '', 'cooperative-sticky'])
  assert.equal(await classic.sync(), ErrorCode.NONE)
  for (let round = 0; round < 4; round++) {
    await consumer.beat()
    await classic.beat()
  }
  assert.deepEqual(sorted(classic.owned, consumer.owned.topic), [0, 1, 2, 3])
  assert.equal(world.group().state, 'Stable')
  const { memberId, generationId } = classic
  const topics = [
    {
      name: 'topic',
      topicId: idOf('topic'),
      partitions: [
        { partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: '' },
      ],
    },
  ]
  const commit = async (generation: number) => {
    const request = commitRequest({ memberId, generationId: generation, topics, knowsGroupIdNotFound: false })
    return (await world.coordinator.commitOffsets(request))[0]?.partitions[0]?.errorCode
  }
  assert.equal(await commit(generationId), ErrorCode.NONE)
  assert.equal(await commit(generationId - 1), ErrorCode.ILLEGAL_GENERATION)
  const left = await world.coordinator.leaveGroup({
    groupId: GROUP,
    members: [{ memberId, groupInstanceId: null, reason: null }],
  })
  assert.deepEqual(
    left.members.map(({ errorCode }) => errorCode),
    [0],
  )
  await settleGroup(consumer)
  assert.deepEqual(consumer.owned, { topic: [0, 1, 2, 3] })
})

test('a classic member that neither joins nor syncs in time is removed', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  const consumer = new Client(world, 'new')
  await consumer.join()
  const classic = new ClassicClient(world)
  await classic.join()
  for (let at = 0; at < 61; at += 5) {
    await world.advance(5_000)
    await consumer.beat()
    await classic.heartbeat()
  }
  assert.deepEqual([...world.group().members.keys()], ['new'])
})

test('who does not fit in is refused', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  const consumer = new Client(world, 'new')
  await consumer.join()
  const { coordinator } = world
  const join = async (request: object) => (await coordinator.joinGroup(joinRequest(request))).errorCode
  assert.equal(await join({ protocolType: 'connect' }), ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  assert.equal(await join({ protocols: [] }), ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  const garbage = [{ name: 'range', metadata: Buffer.from([0, 1, 127]) }]
  assert.equal(await join({ protocols: garbage }), ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  const large = [{ name: 'range', metadata: Buffer.concat([subscription('topic'), Buffer.alloc(600_000)]) }]
  assert.equal(await join({ protocols: large }), ErrorCode.INVALID_REQUEST)
  const member = { groupId: GROUP, memberId: 'new', generationId: 1, groupInstanceId: null }
  assert.equal(await coordinator.heartbeat(member), ErrorCode.UNKNOWN_MEMBER_ID)
  const closed = await ConsumerWorld.start({ topic: 4 }, { upgrades: false })
  await classicGroup(closed)
  const asConsumer = await closed.coordinator.describeConsumerGroup(GROUP)
  assert.equal(asConsumer.errorMessage, `Group ${GROUP} is not a consumer group.`)
  assert.equal((await new Client(closed, 'new').join()).errorCode, ErrorCode.GROUP_ID_NOT_FOUND)
})

test('an empty group takes members of either protocol and keeps its offsets', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  await world.coordinator.commitOffsets(commitRequest({ offset: 9 }))
  const consumer = new Client(world, 'new')
  await consumer.join()
  assert.deepEqual([world.shard.groups.size, world.shard.consumerGroups.size], [0, 1])
  await consumer.leave()
  const classic = await classicGroup(world)
  assert.deepEqual([world.shard.groups.size, world.shard.consumerGroups.size], [1, 0])
  assert.deepEqual(classic.owned, [0, 1, 2, 3])
  const request = { groupId: GROUP, topics: null, requireStable: false }
  const { topics } = await world.coordinator.fetchOffsets(request)
  assert.equal(topics[0]?.partitions[0]?.committedOffset, 9)
})

test('a static member changes its protocol', async () => {
  const world = await ConsumerWorld.start({ topic: 4 })
  const consumer = new Client(world, 'new', { subscribedTopicNames: ['topic'], instanceId: 'i' })
  await consumer.join()
  const classic = new ClassicClient(world, 'i')
  const reply = await classic.join()
  assert.equal(reply.errorCode, ErrorCode.NONE)
  assert.deepEqual([world.shard.groups.size, world.shard.consumerGroups.size], [1, 0])
  assert.equal((await world.coordinator.describeGroup(GROUP)).members[0]?.groupInstanceId, 'i')
  await world.advance(100_000)
  assert.equal((await world.coordinator.describeGroup(GROUP)).groupState, 'Empty')
})
