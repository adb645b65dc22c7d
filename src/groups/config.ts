/** The values that groups obey, in the units the names tell. Where a key differs, it stands beside the field. */
export interface GroupConfig {
  readonly groupMinSessionTimeoutMs: number
  readonly groupMaxSessionTimeoutMs: number
  readonly groupInitialRebalanceDelayMs: number
  readonly groupMaxSize: number
  /** offset.metadata.max.bytes */
  readonly offsetMetadataBytesMax: number
  /** offsets.retention.minutes */
  readonly offsetsRetentionMs: number
  readonly offsetsRetentionCheckIntervalMs: number
  /** offsets.commit.timeout.ms: of every write, whatever it holds. */
  readonly offsetsCommitTimeoutMs: number
  /** offsets.topic.compression.codec, a codec id; 0 is none. */
  readonly offsetsTopicCompressionCodec: number
}

/** What `BrokerConfig` offers to read numbers with. */
export interface NumberSource {
  number(name: string): number
}

export function groupConfigOf(config: NumberSource): GroupConfig {
  return {
    groupMinSessionTimeoutMs: config.number('group.min.session.timeout.ms'),
    groupMaxSessionTimeoutMs: config.number('group.max.session.timeout.ms'),
    groupInitialRebalanceDelayMs: config.number('group.initial.rebalance.delay.ms'),
    groupMaxSize: config.number('group.max.size'),
    offsetMetadataBytesMax: config.number('offset.metadata.max.bytes'),
    offsetsRetentionMs: config.number('offsets.retention.minutes') * 60_000,
    offsetsRetentionCheckIntervalMs: config.number('offsets.retention.check.interval.ms'),
    offsetsCommitTimeoutMs: config.number('offsets.commit.timeout.ms'),
    offsetsTopicCompressionCodec: config.number('offsets.topic.compression.codec'),
  }
}

/** Kafka's defaults. */
export const defaultGroupConfig: GroupConfig = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupInitialRebalanceDelayMs: 3_000,
  groupMaxSize: 0x7fffffff,
  offsetMetadataBytesMax: 4_096,
  offsetsRetentionMs: 10_080 * 60_000,
  offsetsRetentionCheckIntervalMs: 600_000,
  offsetsCommitTimeoutMs: 5_000,
  offsetsTopicCompressionCodec: 0,
}
