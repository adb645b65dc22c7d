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
  /** Logs of one directory that are opened or recovered at once; read anew for each. */
  readonly recoveryThreadsPerDirectory: number
  /** Moves between log directories that run at once, and what all of them may copy. */
  readonly moveThreads: number
  readonly moveBytesPerSecond: number
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
    get recoveryThreadsPerDirectory() {
      return config.number('num.recovery.threads.per.data.dir')
    },
    moveThreads: moveThreadsOf(config),
    get moveBytesPerSecond() {
      return config.number('replica.alter.log.dirs.io.max.bytes.per.second')
    },
    cleaner: cleanerSettings(config),
  }
}

/** One for each log directory unless the key says otherwise. */
function moveThreadsOf(config: BrokerConfig): number {
  const threads = config.get('num.replica.alter.log.dirs.threads')
  return typeof threads === 'number' ? threads : config.logDirs.length
}
