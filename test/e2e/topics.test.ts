// Goal: topics and configuration as admin clients use them, over a real socket and real files.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { UNSET_UUID } from '../../src/protocol/reader.js'
import * as calls from '../support/calls.js'
import { createTopic, newTopic, withBroker } from './fixture.js'

test('the versions advertised are those that are answered', () =>
  withBroker(async (client, broker) => {
    for (let version = 0; version <= 4; version++) {
      const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1.0' }
      const answer = await client.call(calls.apiVersions, version, software)
      assert.equal(answer.errorCode, 0)
      const byKey = new Map(answer.apiKeys.map((api) => [api.apiKey, api]))
      assert.deepEqual(byKey.get(18), { apiKey: 18, minVersion: 0, maxVersion: 4 })
      assert.equal(byKey.get(0)?.minVersion, 0)
      assert.equal(byKey.size, answer.apiKeys.length)
      if (version < 3) continue
      const supported = [{ name: 'metadata.version', minVersion: 7, maxVersion: 25 }]
      // Before version 4 clients refuse a minimum of 0.
      if (version >= 4) {
        supported.push({ name: 'transaction.version', minVersion: 0, maxVersion: 2 })
        supported.push({ name: 'group.version', minVersion: 0, maxVersion: 1 })
      }
      assert.deepEqual(answer.supportedFeatures, supported)
      const { finalizedFeatures = [] } = answer
      const levels = finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel])
      assert.deepEqual(Object.fromEntries(levels), {
        'metadata.version': 25,
        'transaction.version': 2,
        'group.version': 1,
      })
      assert.equal(answer.finalizedFeaturesEpoch, broker.core.controller.image.offset)
    }
    const refused = await client.call(calls.apiVersions, 3, {
      clientSoftwareName: 'no spaces',
      clientSoftwareVersion: '',
    })
    assert.deepEqual([refused.errorCode, refused.apiKeys], [ErrorCode.INVALID_REQUEST, []])
  }))

test('metadata in every version: all, none, by name, by id, unknown', () =>
  withBroker(async (client, broker) => {
    const id = await createTopic(client, 'orders', 3)
    const [host, port] = broker.bootstrap.split(':')
    for (let version = 0; version <= 13; version++) {
      const all = await client.call(calls.metadata, version, { topics: version === 0 ? [] : null })
      assert.deepEqual(all.brokers, [{ nodeId: broker.nodeId, host, port: Number(port), rack: null }])
      assert.deepEqual(
        all.topics.map(({ name, partitions }) => [name, partitions.map((p) => p.partitionIndex)]),
        [['orders', [0, 1, 2]]],
      )
      if (version >= 2) assert.equal(all.clusterId, broker.clusterId)
      if (version >= 10) assert.equal(all.topics[0]?.topicId, id)
      const none = await client.call(calls.metadata, version, { topics: [] })
      assert.equal(none.topics.length, version === 0 ? 1 : 0)
      if (version < 4) continue
      const topics = ['orders', 'nowhere', 'not/legal'].map((name) => ({ name }))
      const named = await client.call(calls.metadata, version, { topics, allowAutoTopicCreation: false })
      assert.deepEqual(
        named.topics.map(({ errorCode }) => errorCode),
        [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.INVALID_TOPIC_EXCEPTION],
      )
    }
    const byId = await client.call(calls.metadata, 12, {
      topics: [
        { topicId: id, name: null },
        { topicId: 'BBBBBBBBBBBBBBBBBBBBBA', name: null },
      ],
    })
    assert.deepEqual(
      byId.topics.map(({ name, errorCode }) => [name, errorCode]),
      [
        ['orders', 0],
        [null, ErrorCode.UNKNOWN_TOPIC_ID],
      ],
    )
    const tooEarly = await client.call(calls.metadata, 10, { topics: [{ topicId: id, name: '' }] })
    assert.equal(tooEarly.topics[0]?.errorCode, ErrorCode.INVALID_REQUEST)
  }))

test('a mentioned topic is created and can be used at once; not when that is switched off', () =>
  withBroker(async (client, broker) => {
    const answer = await client.call(calls.metadata, 9, { topics: [{ name: 'fresh' }, { name: 'a b' }] })
    assert.deepEqual(
      answer.topics.map(({ name, errorCode, partitions }) => [name, errorCode, partitions[0]?.leaderId]),
      [
        ['fresh', 0, broker.nodeId],
        ['a b', ErrorCode.INVALID_TOPIC_EXCEPTION, undefined],
      ],
    )
    const configs = [{ name: 'auto.create.topics.enable', value: 'false' }]
    const off = await client.call(calls.metadata, 9, {
      topics: [{ name: 'other' }],
      allowAutoTopicCreation: false,
    })
    assert.equal(off.topics[0]?.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const readOnly = await client.call(calls.alterConfigs, 2, {
      resources: [{ resourceType: 4, resourceName: '', configs }],
      validateOnly: false,
    })
    assert.equal(readOnly.responses[0]?.errorCode, ErrorCode.INVALID_CONFIG)
  }))

test('topics are created, grown, described in pages and deleted', () =>
  withBroker(async (client) => {
    const created = await client.call(calls.createTopics, 7, {
      topics: [
        newTopic('a', 2, { 'retention.ms': '1000' }),
        newTopic('b', 2),
        newTopic('a.x'),
        newTopic('a_x'),
      ],
    })
    assert.deepEqual(
      created.topics.map(({ name, errorCode, numPartitions }) => [name, errorCode, numPartitions]),
      [
        ['a', 0, 2],
        ['b', 0, 2],
        ['a.x', 0, 1],
        ['a_x', ErrorCode.INVALID_TOPIC_EXCEPTION, -1],
      ],
    )
    const retention = created.topics[0]?.configs?.find(({ name }) => name === 'retention.ms')
    assert.deepEqual([retention?.value, retention?.configSource], ['1000', 1])
    const grown = await client.call(calls.createPartitions, 3, {
      topics: [{ name: 'b', count: 5, assignments: null }],
      timeoutMs: 1000,
      validateOnly: false,
    })
    assert.equal(grown.results[0]?.errorCode, 0)
    const pages: string[] = []
    let cursor: { topicName: string; partitionIndex: number } | null = null
    do {
      const page: Awaited<ReturnType<typeof describe>> = await describe(cursor)
      pages.push(page.topics.map(({ name, partitions }) => `${name}:${partitions.length}`).join(' '))
      cursor = page.nextCursor
    } while (cursor !== null)
    assert.deepEqual(pages, ['a:2 a.x:1', 'b:3', 'b:2'])
    const deleted = await client.call(calls.deleteTopics, 6, {
      topics: [
        { name: 'b', topicId: UNSET_UUID },
        { name: null, topicId: created.topics[0]?.topicId as string },
        { name: 'b2', topicId: UNSET_UUID },
      ],
      timeoutMs: 1000,
    })
    assert.deepEqual(
      deleted.responses.map(({ name, errorCode }) => [name, errorCode]),
      [
        ['b', 0],
        ['a', 0],
        ['b2', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      ],
    )
    const left = await client.call(calls.metadata, 9, { topics: null })
    assert.deepEqual(
      left.topics.map(({ name }) => name),
      ['a.x'],
    )

    function describe(from: typeof cursor) {
      const topics = [{ name: 'b' }, { name: 'a' }, { name: 'a.x' }]
      return client.call(calls.describeTopicPartitions, 0, {
        topics,
        responsePartitionLimit: 3,
        cursor: from,
      })
    }
  }))

test('configurations are described and altered, for topics, brokers and groups', () =>
  withBroker(async (client, broker) => {
    await createTopic(client, 'a')
    const node = String(broker.nodeId)
    const set = (resourceType: number, resourceName: string, name: string, value: string) => ({
      resourceType,
      resourceName,
      configs: [{ name, value, configOperation: 0 }],
    })
    const altered = await client.call(calls.incrementalAlterConfigs, 1, {
      resources: [
        set(2, 'a', 'cleanup.policy', 'compact'),
        set(4, node, 'log.cleaner.threads', '2'),
        set(4, '', 'num.io.threads', '9'),
        set(32, 'g', 'consumer.session.timeout.ms', '50000'),
        set(2, 'nowhere', 'cleanup.policy', 'compact'),
        set(4, '99', 'num.io.threads', '7'),
        set(32, '', 'consumer.session.timeout.ms', '50000'),
        set(8, node, 'kafka', 'DEBUG'),
      ],
      validateOnly: false,
    })
    assert.deepEqual(
      altered.responses.map(({ errorCode }) => errorCode),
      [0, 0, 0, 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ...Array(3).fill(ErrorCode.INVALID_REQUEST)],
    )
    const asked = [
      { resourceType: 2, resourceName: 'a', configurationKeys: ['cleanup.policy'] },
      { resourceType: 4, resourceName: node, configurationKeys: ['log.cleaner.threads', 'num.io.threads'] },
      { resourceType: 4, resourceName: '', configurationKeys: null },
      { resourceType: 32, resourceName: 'g', configurationKeys: ['consumer.session.timeout.ms'] },
      { resourceType: 2, resourceName: 'nowhere', configurationKeys: null },
      { resourceType: 4, resourceName: '99', configurationKeys: null },
    ]
    const described = await client.call(calls.describeConfigs, 4, {
      resources: asked,
      includeSynonyms: true,
      includeDocumentation: true,
    })
    assert.deepEqual(
      described.results.map(({ errorCode, configs }) => [
        errorCode,
        configs.map(({ name, value, configSource }) => `${name}=${value} ${configSource}`).sort(),
      ]),
      [
        [0, ['cleanup.policy=compact 1']],
        [0, ['log.cleaner.threads=2 2', 'num.io.threads=9 3']],
        [0, ['num.io.threads=9 3']],
        [0, ['consumer.session.timeout.ms=50000 8']],
        [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, []],
        [ErrorCode.INVALID_REQUEST, []],
      ],
    )
    assert.deepEqual(
      described.results[0]?.configs[0]?.synonyms.map(({ name, value, source }) => [name, value, source]),
      [
        ['cleanup.policy', 'compact', 1],
        ['log.cleanup.policy', 'delete', 5],
      ],
    )
    const listed = await client.call(calls.listConfigResources, 1, { resourceTypes: [32, 2] })
    assert.deepEqual(listed.configResources, [
      { resourceName: 'g', resourceType: 32 },
      { resourceName: 'a', resourceType: 2 },
    ])
  }))

test('the cluster is described to those who ask brokers', () =>
  withBroker(async (client, broker) => {
    const [host, port] = broker.bootstrap.split(':')
    const cluster = await client.call(calls.describeCluster, 2, {
      includeClusterAuthorizedOperations: true,
      includeFencedBrokers: true,
    })
    assert.deepEqual(cluster.brokers, [
      { brokerId: broker.nodeId, host, port: Number(port), rack: null, isFenced: false },
    ])
    assert.deepEqual(
      [cluster.clusterId, cluster.controllerId, cluster.clusterAuthorizedOperations],
      [broker.clusterId, broker.nodeId, 8096],
    )
    const controllers = await client.call(calls.describeCluster, 1, {
      includeClusterAuthorizedOperations: false,
      endpointType: 2,
    })
    assert.equal(controllers.errorCode, ErrorCode.MISMATCHED_ENDPOINT_TYPE)
  }))
