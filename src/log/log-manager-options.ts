import type { BrokerConfig } from '../config/broker-config.js'
import { type CleanerSettings, cleanerSettings } from './cleaner/settings.js'

/** Values of the broker's settings the log room acts on. */
export interface LogManagerOptions {
  readonly nodeId: number
  /** The id for new directories; null takes the stored one or draws one. */
  readonly clusterId: string | null
  /** Absolute paths, at least one. */
  readonly logDirs: readonly string[]
  /** Where `__cluster_metadata-0` lies; one of `logDirs`. */
  readonly metadataLogDir: string
  readonly retentionCheckIntervalMs: number
  readonly highWatermarkCheckpointIntervalMs: number
  readonly recoveryPointCheckpointIntervalMs: number
  readonly logStartCheckpointIntervalMs: number
  /** Read anew each time: both may be changed while the broker runs. */
  readonly producerIdExpirationMs: number
  /** Paths that get no new partitions while there is another. */
  readonly cordonedLogDirs: readonly string[]
  readonly producerIdExpirationCheckIntervalMs: number
  readonly cleaner: CleanerSettings
}

export function logManagerOptions(config: BrokerConfig, clusterId: string | null = null): LogManagerOptions {
  const [first] = config.logDirs
  const metadataLogDir = config.string('metadata.log.dir') ?? first ?? ''
  return {
    nodeId: config.nodeId,
    clusterId,
    logDirs: config.logDirs,
    metadataLogDir: config.logDirs.includes(metadataLogDir) ? metadataLogDir : (first ?? ''),
    retentionCheckIntervalMs: config.number('log.retention.check.interval.ms'),
    highWatermarkCheckpointIntervalMs: config.number('replica.high.watermark.checkpoint.interval.ms'),
    recoveryPointCheckpointIntervalMs: config.number('log.flush.offset.checkpoint.interval.ms'),
    logStartCheckpointIntervalMs: config.number('log.flush.start.offset.checkpoint.interval.ms'),
    get producerIdExpirationMs() {
      return config.number('producer.id.expiration.ms')
    },
    get cordonedLogDirs() {
      return config.list('cordoned.log.dirs')
    },
    producerIdExpirationCheckIntervalMs: config.number('producer.id.expiration.check.interval.ms'),
    cleaner: cleanerSettings(config),
  }
}
