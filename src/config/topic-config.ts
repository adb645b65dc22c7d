// The settings of one topic: its own overrides over what the broker's settings give as defaults.

import type { BrokerConfig } from './broker-config.js'
import type { ConfigKey } from './config-key.js'
import { type ConfigValue, parseValue, valueProblem } from './config-value.js'
import { topicKeys } from './keys/topic.js'
import { type TopicKeyName, type TopicOverrides, topicKey, topicText } from './topic-text.js'

export { topicConfigEntries } from './topic-entries.js'
export { type TopicKeyName, type TopicOverrides, topicConfigNames } from './topic-text.js'

/** Resolved and checked. Longs past 2^53, which all mean "never" or "no limit", are the largest safe integer. */
export interface TopicConfig {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly segmentJitterMs: number
  readonly segmentIndexBytes: number
  readonly indexIntervalBytes: number
  readonly maxMessageBytes: number
  /** -1 for no limit, as for `retentionBytes`. */
  readonly retentionMs: number
  readonly retentionBytes: number
  readonly cleanupPolicy: ReadonlySet<'delete' | 'compact'>
  readonly compressionType: 'uncompressed' | 'zstd' | 'lz4' | 'snappy' | 'gzip' | 'producer'
  readonly compressionGzipLevel: number
  readonly compressionLz4Level: number
  readonly compressionZstdLevel: number
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampAfterMaxMs: number
  readonly minInsyncReplicas: number
  readonly flushMessages: number
  readonly flushMs: number
  readonly fileDeleteDelayMs: number
  readonly minCleanableDirtyRatio: number
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly preallocate: boolean
  readonly uncleanLeaderElectionEnable: boolean
}

export function isTopicConfig(name: string): boolean {
  return topicKey(name) !== undefined
}

/** Overrides must have passed `topicConfigProblem`; unknown ones are left aside. */
export function resolveTopicConfig(config: BrokerConfig, overrides: TopicOverrides): TopicConfig {
  const read = (name: TopicKeyName) => topicValue(config, overrides, name)
  const number = (name: TopicKeyName) => read(name) as number
  const segmentBytes = (read('internal.segment.bytes') as number | null) ?? number('segment.bytes')
  const segmentMs = number('segment.ms')
  return {
    segmentBytes,
    segmentMs,
    segmentJitterMs: Math.min(number('segment.jitter.ms'), segmentMs),
    segmentIndexBytes: number('segment.index.bytes'),
    indexIntervalBytes: number('index.interval.bytes'),
    maxMessageBytes: number('max.message.bytes'),
    retentionMs: Math.max(number('retention.ms'), -1),
    retentionBytes: Math.max(number('retention.bytes'), -1),
    cleanupPolicy: new Set(read('cleanup.policy') as ('delete' | 'compact')[]),
    compressionType: read('compression.type') as TopicConfig['compressionType'],
    compressionGzipLevel: number('compression.gzip.level'),
    compressionLz4Level: number('compression.lz4.level'),
    compressionZstdLevel: number('compression.zstd.level'),
    messageTimestampType: read('message.timestamp.type') as TopicConfig['messageTimestampType'],
    messageTimestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    minInsyncReplicas: number('min.insync.replicas'),
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    fileDeleteDelayMs: number('file.delete.delay.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    deleteRetentionMs: number('delete.retention.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    preallocate: read('preallocate') as boolean,
    uncleanLeaderElectionEnable: read('unclean.leader.election.enable') as boolean,
  }
}

/** The message of an INVALID_CONFIG error for one setting, as Kafka words it; null when it is fine. */
export function validateTopicConfig(name: string, value: string | null): string | null {
  const key = topicKey(name)
  if (key === undefined) return `Unknown topic config name: ${name}`
  if (value === null) return `Null value not supported for topic configs: ${name}`
  return valueProblem(key, value)
}

/** The same for all overrides of a topic together, with the rules that join several. */
export function topicConfigProblem(config: BrokerConfig, overrides: TopicOverrides): string | null {
  for (const [name, value] of overrides) {
    const problem = validateTopicConfig(name, value)
    if (problem !== null) return problem
  }
  const { minCompactionLagMs, maxCompactionLagMs } = resolveTopicConfig(config, overrides)
  if (minCompactionLagMs > maxCompactionLagMs) {
    return (
      `conflict topic config setting min.compaction.lag.ms (${minCompactionLagMs}) > ` +
      `max.compaction.lag.ms (${maxCompactionLagMs})`
    )
  }
  if (topicValue(config, overrides, 'remote.storage.enable') === true) {
    return 'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.'
  }
  return null
}

/** A broker key whose change changes topics without an override. */
export function isTopicDefault(brokerKeyName: string): boolean {
  return topicKeys.some((key) => key.serverDefaults.some((each) => each.name === brokerKeyName))
}

function topicValue(config: BrokerConfig, overrides: TopicOverrides, name: TopicKeyName): ConfigValue {
  const key = topicKey(name) as ConfigKey
  return parseValue({ ...key, valid: {} }, topicText(config, overrides, name)).value
}
