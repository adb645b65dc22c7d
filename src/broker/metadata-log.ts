import { type MetadataSnapshot, newestSnapshot } from '../cluster/metadata-snapshot.js'
import { METADATA_TOPIC } from '../cluster/topic-name.js'
import type { LogConfig } from '../log/log-config.js'
import { DEFAULT_LOG_CONFIG } from '../log/log-config.js'
import type { LogManager } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'
import type { Files } from '../native/files.js'

/** The topic id Kafka reserves for `__cluster_metadata`. */
const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

/** Nothing is ever dropped from it, and every record is on disk before it counts. */
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

/** What Kafka's controller left; null in directories of this broker's own. */
export async function readSnapshot(files: Files, { directory }: Partition): Promise<MetadataSnapshot | null> {
  const newest = newestSnapshot(await files.list(directory))
  if (newest === null) return null
  const content = await files.read(`${directory}/${newest.name}`)
  return content === null ? null : { endOffset: newest.endOffset, content }
}
