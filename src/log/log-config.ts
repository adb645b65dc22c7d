import type { LogOptions } from '../native/engine.js'

/** The topic settings a partition log obeys; `TopicConfig` of the config room has them all under the same names. */
export interface LogConfig {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly segmentJitterMs: number
  readonly segmentIndexBytes: number
  readonly indexIntervalBytes: number
  readonly maxMessageBytes: number
  readonly retentionMs: number
  readonly retentionBytes: number
  readonly cleanupPolicy: ReadonlySet<'delete' | 'compact'>
  readonly compressionType: string
  readonly compressionGzipLevel: number
  readonly compressionZstdLevel: number
  readonly messageTimestampType: string
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
}

/** Kafka's defaults, for the internal logs that no topic configures and for tests. */
export const DEFAULT_LOG_CONFIG: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10_485_760,
  indexIntervalBytes: 4_096,
  maxMessageBytes: 1_048_588,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  cleanupPolicy: new Set(['delete'] as const),
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionZstdLevel: 3,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: 3_600_000,
  minInsyncReplicas: 1,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  fileDeleteDelayMs: 60_000,
  minCleanableDirtyRatio: 0.5,
  deleteRetentionMs: 86_400_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
}

/**
 * `jitterMs` is drawn once per log, so that logs created together do not all roll together. A segment that has to be
 * compacted in time must be closed by then.
 */
export function engineOptions(config: LogConfig, jitterMs: number): LogOptions {
  const compacted = config.cleanupPolicy.has('compact')
  const segmentMs = compacted ? Math.min(config.segmentMs, config.maxCompactionLagMs) : config.segmentMs
  return {
    segmentBytes: config.segmentBytes,
    segmentMs: Math.max(1, segmentMs - jitterMs),
    indexIntervalBytes: config.indexIntervalBytes,
    segmentIndexBytes: config.segmentIndexBytes,
    flushMessages: config.flushMessages,
  }
}
