import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokerConfig } from '../../src/config/broker-config.js'
import { ConfigSource } from '../../src/config/config-entry.js'
import {
  isTopicDefault,
  resolveTopicConfig,
  type TopicOverrides,
  topicConfigEntries,
  topicConfigProblem,
  validateTopicConfig,
} from '../../src/config/topic-config.js'

const none: TopicOverrides = new Map()
const parse = (overrides: Record<string, string> = {}) => BrokerConfig.parse({ overrides }).config

test('defaults come from the broker, overrides win', () => {
  const config = parse({
    'log.roll.hours': '2',
    'log.cleanup.policy': 'compact,delete',
    'log.segment.bytes': '2000000',
  })
  const own = resolveTopicConfig(
    config,
    new Map([
      ['segment.ms', '1000'],
      ['cleanup.policy', ''],
    ]),
  )
  const inherited = resolveTopicConfig(config, none)
  assert.deepEqual([inherited.segmentMs, own.segmentMs], [7_200_000, 1000])
  assert.deepEqual([...inherited.cleanupPolicy], ['compact', 'delete'])
  assert.deepEqual([...own.cleanupPolicy], [])
  assert.equal(own.segmentBytes, 2_000_000)
  assert.equal(own.flushMessages, Number.MAX_SAFE_INTEGER)
})

test('a negative retention in hours is no limit', () => {
  assert.equal(resolveTopicConfig(parse({ 'log.retention.hours': '-1' }), none).retentionMs, -1)
})

test('tests may ask for segments below the smallest size', () => {
  const config = resolveTopicConfig(parse(), new Map([['internal.segment.bytes', '1000']]))
  assert.equal(config.segmentBytes, 1000)
})

test('a dynamic broker value reaches topics without an override', () => {
  const config = parse()
  config.setDynamic('log.retention.ms', '5000', 'cluster')
  assert.equal(resolveTopicConfig(config, none).retentionMs, 5000)
  assert.equal(isTopicDefault('log.retention.ms'), true)
  assert.equal(isTopicDefault('num.partitions'), false)
})

test('what is refused, one setting or several together', () => {
  assert.equal(validateTopicConfig('retention.ms', '-1'), null)
  assert.equal(validateTopicConfig('no.such', '1'), 'Unknown topic config name: no.such')
  assert.match(validateTopicConfig('retention.ms', null) ?? '', /Null value not supported/)
  assert.equal(
    validateTopicConfig('segment.bytes', '10'),
    'Invalid value 10 for configuration segment.bytes: Value must be at least 1048576',
  )
  const config = parse()
  const lags = new Map([
    ['min.compaction.lag.ms', '10'],
    ['max.compaction.lag.ms', '5'],
  ])
  assert.match(topicConfigProblem(config, lags) ?? '', /min.compaction.lag.ms \(10\) > max.compaction.lag.ms/)
  assert.match(
    topicConfigProblem(config, new Map([['remote.storage.enable', 'true']])) ?? '',
    /Tiered Storage/,
  )
  assert.match(topicConfigProblem(config, new Map([['cleanup.policy', 'shred']])) ?? '', /compact, delete/)
  assert.equal(topicConfigProblem(config, new Map([['min.compaction.lag.ms', '10']])), null)
})

test('descriptions carry the layers as Kafka lists them', () => {
  const config = parse({ 'log.segment.bytes': '2000000', 'log.retention.hours': '2' })
  const entries = topicConfigEntries(config, new Map([['segment.bytes', '3000000']]))
  const of = (name: string) => entries.find((each) => each.name === name)
  assert.deepEqual(of('segment.bytes')?.synonyms, [
    { name: 'segment.bytes', value: '3000000', source: ConfigSource.DYNAMIC_TOPIC_CONFIG },
    { name: 'log.segment.bytes', value: '2000000', source: ConfigSource.STATIC_BROKER_CONFIG },
    { name: 'log.segment.bytes', value: '1073741824', source: ConfigSource.DEFAULT_CONFIG },
  ])
  assert.deepEqual([of('segment.bytes')?.value, of('segment.bytes')?.source], ['3000000', 1])
  // Only synonyms of another name set it, and Kafka lists none of those.
  assert.deepEqual([of('retention.ms')?.value, of('retention.ms')?.source], ['7200000', 5])
  assert.deepEqual(of('retention.ms')?.synonyms, [])
  assert.equal(of('internal.segment.bytes'), undefined)
  assert.equal(entries.length, 33)
})
