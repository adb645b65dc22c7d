// Goal: every refusal and every change of the controller, and that a restart finds what was acknowledged.
// Method: a controller over a log in memory; reopening replays the same batches.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResourceType } from '../../src/cluster/metadata-image.js'
import type { FeatureUpdate } from '../../src/cluster/update-features.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { MemoryMetadataLog } from '../support/memory-metadata-log.js'
import { controllerOver, topic } from './fixture.js'

type Way = FeatureUpdate['way']

const apply = { validateOnly: false }

async function createOne(request: ReturnType<typeof topic>, brokers = 1) {
  const { controller } = await controllerOver(new MemoryMetadataLog(), brokers)
  const [result] = await controller.createTopics([request], apply)
  return result
}

test('a topic gets the defaults, is handed on and survives a restart', async () => {
  const { controller, image, deltas, log } = await controllerOver()
  const configs = [{ name: 'retention.ms', value: '1000' }]
  const [result] = await controller.createTopics([topic('orders', { configs })], apply)
  assert.equal(result?.errorCode, ErrorCode.NONE)
  assert.equal(result?.partitionCount, 3)
  assert.deepEqual(
    deltas.map(({ topicsCreated }) => topicsCreated.map(({ name }) => name)),
    [['orders']],
  )
  const reopened = (await controllerOver(log)).image
  assert.deepEqual(reopened.topicByName('orders'), image.topicByName('orders'))
  assert.equal(reopened.topicById(result?.topicId as string)?.configs.get('retention.ms'), '1000')
  assert.equal(reopened.partitionCount, 3)
})

const refusals: [string, object, number][] = [
  ['an empty name', topic(''), ErrorCode.INVALID_TOPIC_EXCEPTION],
  ['a name of dots', topic('..'), ErrorCode.INVALID_TOPIC_EXCEPTION],
  ['a name with a slash', topic('a/b'), ErrorCode.INVALID_TOPIC_EXCEPTION],
  ['a long name', topic('a'.repeat(250)), ErrorCode.INVALID_TOPIC_EXCEPTION],
  ['the metadata log', topic('__cluster_metadata'), ErrorCode.INVALID_REQUEST],
  ['no partitions', topic('a', { numPartitions: 0 }), ErrorCode.INVALID_PARTITIONS],
  ['fewer than no partitions', topic('a', { numPartitions: -2 }), ErrorCode.INVALID_PARTITIONS],
  ['too many partitions', topic('a', { numPartitions: 20_000 }), ErrorCode.POLICY_VIOLATION],
  ['no replicas', topic('a', { replicationFactor: 0 }), ErrorCode.INVALID_REPLICATION_FACTOR],
  ['more replicas than brokers', topic('a', { replicationFactor: 2 }), ErrorCode.INVALID_REPLICATION_FACTOR],
  ['an unknown key', topic('a', { configs: [{ name: 'nonsense', value: '1' }] }), ErrorCode.INVALID_CONFIG],
  [
    'a bad value',
    topic('a', { configs: [{ name: 'retention.ms', value: 'soon' }] }),
    ErrorCode.INVALID_CONFIG,
  ],
  [
    'a null value',
    topic('a', { configs: [{ name: 'retention.ms', value: null }] }),
    ErrorCode.INVALID_CONFIG,
  ],
  ['count and assignment', topic('a', { numPartitions: 1, ...assigned([[0]]) }), ErrorCode.INVALID_REQUEST],
  [
    'factor and assignment',
    topic('a', { replicationFactor: 1, ...assigned([[0]]) }),
    ErrorCode.INVALID_REQUEST,
  ],
  ['an unknown broker', topic('a', assigned([[9]])), ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  ['a broker twice', topic('a', assigned([[0, 0]])), ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  ['an empty replica list', topic('a', assigned([[]])), ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  [
    'a gap in the assignment',
    topic('a', { assignments: [{ partitionIndex: 1, brokerIds: [0] }] }),
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
  ],
]

function assigned(replicas: number[][]) {
  return { assignments: replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })) }
}

for (const [name, request, errorCode] of refusals) {
  test(`creating a topic with ${name} is refused`, async () => {
    const result = await createOne(request as ReturnType<typeof topic>)
    assert.equal(result?.errorCode, errorCode)
    assert.ok(result?.errorMessage)
  })
}

test('names that exist, collide or repeat are refused and the others of the request are created', async () => {
  const { controller, image } = await controllerOver()
  await controller.createTopics([topic('a.b')], apply)
  const names = ['a.b', 'a_b', 'twice', 'twice', 'c_d', 'c.d', 'fine']
  const results = await controller.createTopics(
    names.map((name) => topic(name)),
    apply,
  )
  assert.deepEqual(
    results.map(({ name, errorCode }) => [name, errorCode]),
    [
      ['a.b', ErrorCode.TOPIC_ALREADY_EXISTS],
      ['a_b', ErrorCode.INVALID_TOPIC_EXCEPTION],
      ['twice', ErrorCode.INVALID_REQUEST],
      ['c_d', ErrorCode.NONE],
      ['c.d', ErrorCode.INVALID_TOPIC_EXCEPTION],
      ['fine', ErrorCode.NONE],
    ],
  )
  assert.deepEqual([...image.topics()].map(({ name }) => name).sort(), ['a.b', 'c_d', 'fine'])
})

test('validation alone changes nothing', async () => {
  const { controller, image, log } = await controllerOver()
  const before = log.logEndOffset
  const [result] = await controller.createTopics([topic('a')], { validateOnly: true })
  assert.equal(result?.errorCode, ErrorCode.NONE)
  assert.equal(image.topicCount, 0)
  assert.equal(log.logEndOffset, before)
})

test('an operation over the record limit is refused whole', async () => {
  const { controller, image } = await controllerOver()
  const topics = ['a', 'b', 'c'].map((name) => topic(name, { numPartitions: 4000 }))
  const results = await controller.createTopics(topics, apply)
  assert.deepEqual(
    results.map(({ errorCode }) => errorCode),
    [ErrorCode.POLICY_VIOLATION, ErrorCode.POLICY_VIOLATION, ErrorCode.POLICY_VIOLATION],
  )
  assert.equal(image.topicCount, 0)
})

test('a failed append leaves the image as it was and the next operation works', async () => {
  const { controller, image, log } = await controllerOver()
  log.failNext = true
  const [failed] = await controller.createTopics([topic('a')], apply)
  assert.equal(failed?.errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
  assert.equal(image.topicCount, 0)
  const [second] = await controller.createTopics([topic('a')], apply)
  assert.equal(second?.errorCode, ErrorCode.NONE)
})

test('two creations of one name at the same time: one wins', async () => {
  const { controller } = await controllerOver()
  const results = await Promise.all([
    controller.createTopics([topic('a')], apply),
    controller.createTopics([topic('a')], apply),
  ])
  const codes = results.map(([result]) => result?.errorCode)
  assert.deepEqual(codes, [ErrorCode.NONE, ErrorCode.TOPIC_ALREADY_EXISTS])
})

test('replicas are spread over the brokers in turn', async () => {
  const { controller, image } = await controllerOver(new MemoryMetadataLog(), 3)
  await controller.createTopics([topic('a', { numPartitions: 3, replicationFactor: 2 })], apply)
  assert.deepEqual(
    image.topicByName('a')?.partitions.map(({ replicas }) => replicas),
    [
      [0, 1],
      [1, 2],
      [2, 0],
    ],
  )
})

test('topics are deleted by name or id; unknown and repeated ones are refused', async () => {
  const { controller, image, deltas, log } = await controllerOver()
  const [a] = await controller.createTopics([topic('a')], apply)
  await controller.createTopics([topic('b'), topic('c')], apply)
  const id = a?.topicId as string
  const missing = 'BBBBBBBBBBBBBBBBBBBBBB'
  const results = await controller.deleteTopics([
    { name: null, topicId: id },
    { name: 'b', topicId: null },
    { name: 'b', topicId: null },
    { name: 'nowhere', topicId: null },
    { name: null, topicId: missing },
    { name: null, topicId: null },
    { name: 'c', topicId: missing },
  ])
  assert.deepEqual(
    results.map(({ name, topicId, errorCode }) => [name ?? topicId, errorCode]),
    [
      ['a', ErrorCode.NONE],
      ['b', ErrorCode.INVALID_REQUEST],
      ['nowhere', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      [missing, ErrorCode.UNKNOWN_TOPIC_ID],
      [null, ErrorCode.INVALID_REQUEST],
      ['c', ErrorCode.INVALID_REQUEST],
    ],
  )
  assert.deepEqual(
    deltas.at(-1)?.topicsDeleted.map(({ name }) => name),
    ['a'],
  )
  assert.deepEqual([...image.topics()].map(({ name }) => name).sort(), ['b', 'c'])
  const reopened = (await controllerOver(log)).image
  assert.equal(reopened.topicById(id), undefined)
  assert.equal(reopened.partitionCount, 6)
})

test('a topic made again after deletion is a new one without the old overrides', async () => {
  const { controller, image } = await controllerOver()
  const configs = [{ name: 'retention.ms', value: '1' }]
  const [first] = await controller.createTopics([topic('a', { configs })], apply)
  await controller.deleteTopics([{ name: 'a', topicId: null }])
  const [second] = await controller.createTopics([topic('a')], apply)
  assert.notEqual(first?.topicId, second?.topicId)
  assert.equal(image.topicByName('a')?.configs.size, 0)
})

test('partitions are added, never removed', async () => {
  const { controller, image, deltas } = await controllerOver()
  await controller.createTopics([topic('a'), topic('b')], apply)
  const results = await controller.createPartitions(
    [
      { name: 'a', count: 5, assignments: null },
      { name: 'b', count: 3, assignments: null },
      { name: 'nowhere', count: 3, assignments: null },
    ],
    apply,
  )
  assert.deepEqual(
    results.map(({ errorCode }) => errorCode),
    [ErrorCode.NONE, ErrorCode.INVALID_PARTITIONS, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  )
  assert.equal(image.topicByName('a')?.partitions.length, 5)
  assert.deepEqual(
    deltas.at(-1)?.partitionsAdded.map(({ topic, firstPartition }) => [topic.name, firstPartition]),
    [['a', 3]],
  )
  const [less] = await controller.createPartitions([{ name: 'a', count: 4, assignments: null }], apply)
  assert.equal(less?.errorCode, ErrorCode.INVALID_PARTITIONS)
  const wrong = [{ name: 'a', count: 7, assignments: [{ brokerIds: [0] }] }]
  const [assigned] = await controller.createPartitions(wrong, apply)
  assert.equal(assigned?.errorCode, ErrorCode.INVALID_REPLICA_ASSIGNMENT)
})

test('producer ids are handed out once, also across a restart', async () => {
  const { controller, log } = await controllerOver()
  const blocks = await Promise.all([
    controller.allocateProducerIds(1000),
    controller.allocateProducerIds(1000),
  ])
  const next = await (await controllerOver(log)).controller.allocateProducerIds(1000)
  assert.deepEqual(
    [...blocks, next].map(({ firstProducerId }) => firstProducerId),
    [0, 1000, 2000],
  )
})

test('overrides are set, taken away, appended to and replaced', async () => {
  const { controller, image } = await controllerOver()
  await controller.createTopics([topic('a')], apply)
  const alter = async (replacesAll: boolean, ...changes: [string, number, string | null][]) => {
    const list = changes.map(([name, operation, value]) => ({ name, operation, value }))
    const resource = {
      resourceType: ResourceType.Topic,
      resourceName: 'a',
      replacesAll,
      changes: list,
    }
    const [result] = await controller.alterConfigs([resource], apply)
    return [result?.errorCode, Object.fromEntries(image.topicByName('a')?.configs ?? [])]
  }
  assert.deepEqual(await alter(false, ['retention.ms', 0, '1'], ['cleanup.policy', 2, 'compact']), [
    ErrorCode.NONE,
    { 'retention.ms': '1', 'cleanup.policy': 'delete,compact' },
  ])
  assert.deepEqual(await alter(false, ['cleanup.policy', 3, 'delete'], ['retention.ms', 1, null]), [
    ErrorCode.NONE,
    { 'cleanup.policy': 'compact' },
  ])
  assert.deepEqual(await alter(true, ['retention.ms', 0, '5']), [ErrorCode.NONE, { 'retention.ms': '5' }])
  const same = { 'retention.ms': '5' }
  assert.deepEqual(await alter(false, ['retention.ms', 2, '5']), [ErrorCode.INVALID_CONFIG, same])
  assert.deepEqual(await alter(false, ['retention.ms', 0, null]), [ErrorCode.INVALID_REQUEST, same])
  assert.deepEqual(await alter(false, ['retention.ms', 7, '1']), [ErrorCode.INVALID_REQUEST, same])
  assert.deepEqual(await alter(false, ['retention.ms', 0, '1'], ['retention.ms', 0, '2']), [
    ErrorCode.INVALID_REQUEST,
    same,
  ])
  assert.deepEqual(await alter(false, ['retention.ms', 0, '9'], ['nonsense', 0, '2']), [
    ErrorCode.INVALID_CONFIG,
    same,
  ])
})

test('resources that do not exist, repeat or cannot be configured are refused', async () => {
  const { controller, image } = await controllerOver()
  const change = (resourceType: number, resourceName: string, name = 'log.cleaner.threads', value = '2') => ({
    resourceType,
    resourceName,
    replacesAll: false,
    changes: [{ name, operation: 0, value }],
  })
  const results = await controller.alterConfigs(
    [
      change(ResourceType.Topic, 'nowhere'),
      change(ResourceType.Broker, '5'),
      change(ResourceType.Group, ''),
      change(99, 'a'),
      change(ResourceType.Broker, '0'),
      change(ResourceType.Broker, '0'),
      change(ResourceType.Broker, '', 'node.id', '9'),
      change(ResourceType.Group, 'g', 'consumer.session.timeout.ms', '50000'),
    ],
    apply,
  )
  assert.deepEqual(
    results.map(({ errorCode }) => errorCode),
    [
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_CONFIG,
      ErrorCode.NONE,
    ],
  )
  assert.deepEqual(image.configuredNames(ResourceType.Group), ['g'])
})

test('feature levels are raised, lowered only on purpose, all or none', async () => {
  const { controller, image, log } = await controllerOver()
  const supported = [
    { name: 'metadata.version', minVersion: 7, maxVersion: 25 },
    { name: 'transaction.version', minVersion: 0, maxVersion: 2 },
  ]
  const update = async (name: string, level: number, way: Way = 'upgrade', validateOnly = false) => {
    const options = { supported, validateOnly }
    const [result] = await controller.updateFeatures([{ name, level, way }], options)
    return result?.errorCode
  }
  const { NONE, INVALID_UPDATE_VERSION } = ErrorCode
  assert.equal(await update('transaction.version', 2, 'upgrade', true), NONE)
  assert.equal(image.features.get('transaction.version'), undefined, 'only validated')
  assert.equal(await update('transaction.version', 2), NONE)
  assert.equal(image.features.get('transaction.version'), 2)
  assert.equal(await update('transaction.version', 3), INVALID_UPDATE_VERSION)
  assert.equal(await update('transaction.version', 2, null), INVALID_UPDATE_VERSION)
  assert.equal(await update('transaction.version', -1, 'safe downgrade'), INVALID_UPDATE_VERSION)
  assert.equal(await update('nonsense', 1), INVALID_UPDATE_VERSION)
  assert.equal(await update('transaction.version', 1), INVALID_UPDATE_VERSION)
  const both = await controller.updateFeatures(
    [
      { name: 'transaction.version', level: 1, way: 'safe downgrade' },
      { name: 'nonsense', level: 1, way: 'upgrade' },
    ],
    { supported, validateOnly: false },
  )
  assert.deepEqual(
    both.map(({ errorCode }) => errorCode),
    [NONE, INVALID_UPDATE_VERSION],
  )
  assert.equal(image.features.get('transaction.version'), 2, 'none was made')
  assert.equal(await update('transaction.version', 0, 'safe downgrade'), NONE)
  assert.equal((await controllerOver(log)).image.features.get('transaction.version'), undefined)
  await update('metadata.version', 20)
  assert.equal(await update('metadata.version', 19, 'unsafe downgrade'), INVALID_UPDATE_VERSION)
})
