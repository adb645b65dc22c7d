import type { Logger } from '../base/logger.js'
import { isWhole, type MetadataSnapshot, snapshotName, snapshotsAmong } from '../cluster/metadata-snapshot.js'
import type { SnapshotFiles, SnapshotPolicy } from '../cluster/metadata-store.js'
import { METADATA_TOPIC } from '../cluster/topic-name.js'
import type { BrokerConfig } from '../config/broker-config.js'
import type { LogConfig } from '../log/log-config.js'
import { DEFAULT_LOG_CONFIG } from '../log/log-config.js'
import type { LogManager } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'
import type { Files } from '../native/files.js'

/** The topic id Kafka reserves for `__cluster_metadata`. */
const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

/** The newest, and one to fall back on should it turn out damaged. */
const SNAPSHOTS_KEPT = 2

/** Only snapshots let go of records, and every record is on disk before it counts. */
const config: LogConfig = {
  ...DEFAULT_LOG_CONFIG,
  retentionMs: -1,
  retentionBytes: -1,
  // One operation is one batch, and Kafka bounds those of the metadata log by 8 MiB.
  maxMessageBytes: 8 * 1024 * 1024,
  flushMessages: 1,
}

export function openMetadataLog(logs: LogManager): Promise<Partition> {
  return logs.createPartition({
    topic: METADATA_TOPIC,
    topicId: METADATA_TOPIC_ID,
    partition: 0,
    config,
    leaderEpoch: 1,
  })
}

/** The newest whole snapshot, this broker's or Kafka's; null when there is none. */
export async function readSnapshot(
  files: Files,
  { directory }: Partition,
  logger: Logger,
): Promise<MetadataSnapshot | null> {
  for (const { name, endOffset } of snapshotsAmong(await files.list(directory))) {
    const content = await files.read(`${directory}/${name}`)
    if (content !== null && isWhole(content)) return { endOffset, content }
    logger.warn('a metadata snapshot is damaged and passed over', { snapshot: `${directory}/${name}` })
  }
  return null
}

/** Writes snapshots beside the log, and lets go of older ones and of the records they stood for. */
export function metadataSnapshots(
  files: Files,
  partition: Partition,
  settings: BrokerConfig,
): SnapshotFiles & SnapshotPolicy {
  const { directory, services } = partition
  return {
    bytesBetween: () => settings.number('metadata.log.max.record.bytes.between.snapshots'),
    intervalMs: () => settings.number('metadata.log.max.snapshot.interval.ms'),
    async write({ endOffset, epoch, content }) {
      await files.replace(`${directory}/${snapshotName({ endOffset, epoch })}`, content)
      const found = snapshotsAmong(await files.list(directory))
      const oldest = found[SNAPSHOTS_KEPT - 1]
      if (oldest === undefined) return
      if (oldest.endOffset > partition.logStartOffset) {
        // Only closed segments can leave.
        await services.engine.roll(partition.log)
        await partition.deleteRecordsBefore(oldest.endOffset)
      }
      for (const { name } of found.slice(SNAPSHOTS_KEPT)) await files.remove(`${directory}/${name}`)
    },
  }
}
