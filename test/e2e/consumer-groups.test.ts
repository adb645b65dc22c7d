// Goal: groups of the consumer protocol over a real socket, with the broker's own topics, settings and log.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import type { ConsumerGroupHeartbeatRequest } from '../../src/protocol/messages/consumer-group-heartbeat.js'
import * as calls from '../support/calls.js'
import type { WireClient } from '../support/wire-client.js'
import { createTopic, withBroker } from './fixture.js'

const groupId = 'group'
const joining = {
  groupId,
  memberId: 'member',
  memberEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: ['orders'],
  topicPartitions: [],
}

const nothing = {
  groupId,
  memberId: '',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: -1,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: null,
}

/** The offsets topic is made when somebody looks for the coordinator. */
async function coordinate(client: WireClient): Promise<void> {
  const found = await client.call(calls.findCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] })
  assert.equal(found.coordinators?.[0]?.errorCode, 0)
}

const beat = (client: WireClient, request: Partial<ConsumerGroupHeartbeatRequest>) =>
  client.call(calls.consumerGroupHeartbeat, 1, { ...nothing, ...request })

test('a member is assigned what there is, and what comes', () =>
  withBroker(async (client) => {
    await coordinate(client)
    const topicId = await createTopic(client, 'orders', 2)
    const joined = await beat(client, joining)
    assert.deepEqual([joined.errorCode, joined.memberEpoch, joined.heartbeatIntervalMs], [0, 2, 5_000])
    assert.deepEqual(joined.assignment, { topicPartitions: [{ topicId, partitions: [0, 1] }] })
    const topics = [{ name: 'orders', count: 3, assignments: null }]
    await client.call(calls.createPartitions, 3, { topics, timeoutMs: 5_000, validateOnly: false })
    const { groups } = await client.call(calls.consumerGroupDescribe, 1, {
      groupIds: [groupId, 'nobody'],
      includeAuthorizedOperations: true,
    })
    assert.deepEqual(
      groups.map(({ errorCode, groupState }) => [errorCode, groupState]),
      [
        [0, 'Stable'],
        [ErrorCode.GROUP_ID_NOT_FOUND, ''],
      ],
    )
    assert.deepEqual(groups[0]?.members[0]?.assignment.topicPartitions, [
      { topicId, topicName: 'orders', partitions: [0, 1] },
    ])
    // The next assignment waits for its interval; the new epoch does not.
    await beat(client, { groupId, memberId: 'member', memberEpoch: 2 })
    const later = await client.call(calls.consumerGroupDescribe, 0, {
      groupIds: [groupId],
      includeAuthorizedOperations: false,
    })
    assert.equal(later.groups[0]?.groupEpoch, 3)
  }))

test('a group has settings of its own', () =>
  withBroker(async (client) => {
    await coordinate(client)
    await createTopic(client, 'orders', 2)
    const change = { name: 'consumer.heartbeat.interval.ms', configOperation: 0, value: '7000' }
    const resources = [{ resourceType: 32, resourceName: groupId, configs: [change] }]
    const { responses } = await client.call(calls.incrementalAlterConfigs, 1, {
      resources,
      validateOnly: false,
    })
    assert.equal(responses[0]?.errorCode, 0)
    assert.equal((await beat(client, joining)).heartbeatIntervalMs, 7_000)
    const alter = async (change: { name: string; configOperation: number; value: string | null }) => {
      const changed = [{ resourceType: 32, resourceName: groupId, configs: [change] }]
      const reply = await client.call(calls.incrementalAlterConfigs, 1, {
        resources: changed,
        validateOnly: false,
      })
      return reply.responses[0]
    }
    const interval = async () =>
      (await beat(client, { groupId, memberId: 'member', memberEpoch: 2 })).heartbeatIntervalMs
    await alter({ ...change, value: '8000' })
    assert.equal(await interval(), 8_000, 'the next heartbeat tells of a change')
    const refused = await alter({ ...change, value: '4999' })
    assert.equal(refused?.errorCode, ErrorCode.INVALID_CONFIG)
    assert.equal(refused?.errorMessage, `${change.name} must be in the range 5000 to 15000 inclusive.`)
    await alter({ ...change, configOperation: 1, value: null })
    assert.equal(await interval(), 5_000, 'and of its end')
  }))

test('a setting of the broker reaches groups that are there', () =>
  withBroker(async (client) => {
    await coordinate(client)
    await createTopic(client, 'orders', 2)
    await createTopic(client, 'payments', 2)
    const change = { name: 'group.consumer.assignment.interval.ms', configOperation: 0, value: '0' }
    const resources = [{ resourceType: 4, resourceName: '', configs: [change] }]
    assert.equal((await beat(client, joining)).memberEpoch, 2)
    await client.call(calls.incrementalAlterConfigs, 1, { resources, validateOnly: false })
    const names = ['orders', 'payments']
    const moved = { groupId, memberId: 'member', memberEpoch: 2, subscribedTopicNames: names }
    assert.equal((await beat(client, moved)).memberEpoch, 3, 'assigned at once')
  }))

test('an assignor that cannot be loaded refuses to start, under either name a known one can', async () => {
  const overrides = { 'group.consumer.assignors': 'range,com.example.MyAssignor' }
  await assert.rejects(
    withBroker(async () => {}, { overrides }),
    /names com\.example\.MyAssignor; accepted are uniform, range/,
  )
  const byClass = { 'group.consumer.assignors': 'org.apache.kafka.coordinator.group.assignor.RangeAssignor' }
  await withBroker(
    async (client) => {
      await coordinate(client)
      await createTopic(client, 'orders', 2)
      assert.equal((await beat(client, { ...joining, serverAssignor: 'range' })).errorCode, 0)
      const other = { ...joining, memberId: 'other', serverAssignor: 'uniform' }
      assert.equal((await beat(client, other)).errorCode, ErrorCode.UNSUPPORTED_ASSIGNOR)
    },
    { overrides: byClass },
  )
})

test('a pattern sees internal topics as well, and a bad one is refused', () =>
  withBroker(async (client) => {
    await coordinate(client)
    await createTopic(client, 'orders', 1)
    const request = { ...joining, subscribedTopicNames: [], subscribedTopicRegex: '.*o.*' }
    await beat(client, request)
    const described = { groupIds: [groupId], includeAuthorizedOperations: false }
    const { groups } = await client.call(calls.consumerGroupDescribe, 1, described)
    const { topicPartitions } = groups[0]?.members[0]?.targetAssignment ?? { topicPartitions: [] }
    assert.deepEqual(topicPartitions.map(({ topicName }) => topicName).sort(), [
      '__consumer_offsets',
      'orders',
    ])
    const bad = await beat(client, { ...request, memberId: 'other', subscribedTopicRegex: '(' })
    assert.equal(bad.errorCode, ErrorCode.INVALID_REGULAR_EXPRESSION)
  }))

test('a broker that does not offer the protocol says so', () =>
  withBroker(
    async (client) => {
      await coordinate(client)
      assert.equal((await beat(client, joining)).errorCode, ErrorCode.UNSUPPORTED_VERSION)
    },
    { overrides: { 'group.coordinator.rebalance.protocols': 'classic' } },
  ))
