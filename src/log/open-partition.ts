import type { OpenedLog } from '../native/engine.js'
import { CheckpointFile, parseEpochs } from './checkpoints.js'
import type { LogConfig } from './log-config.js'
import { engineOptions } from './log-config.js'
import { Partition, type PartitionIdentity } from './partition.js'
import { formatPartitionMetadata, PARTITION_METADATA } from './partition-metadata.js'
import type { PartitionServices } from './partition-services.js'
import { recoverFromHeaders } from './recover-from-headers.js'

export interface PartitionPlace {
  readonly logDirectory: string
  /** Absolute. */
  readonly directory: string
  /** The directory was there at start; else it is made. */
  readonly existed: boolean
  readonly clean: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
}

export interface PartitionSettings extends PartitionIdentity {
  readonly config: LogConfig
  readonly leaderEpoch: number
}

/** Opens the log, recovering its tail, then the small files around it, then the producers' state. */
export async function openPartition(
  settings: PartitionSettings,
  place: PartitionPlace,
  services: PartitionServices,
): Promise<Partition> {
  const { engine, logger } = services
  const { config } = settings
  const { directory } = place
  const jitter = services.random.int(2 ** 20) / 2 ** 20
  const jitterMs = Math.floor(jitter * Math.min(config.segmentJitterMs, config.segmentMs))
  const opened = await engine.openLog({
    ...engineOptions(config, jitterMs),
    directory,
    logStartOffset: place.logStartOffset,
    recoveryPoint: place.recoveryPoint,
  })
  if (opened.truncatedBytes > 0) {
    const fields = { directory, bytes: opened.truncatedBytes, logEndOffset: opened.logEndOffset }
    logger.warn('the torn end of a log was cut off', fields)
  }
  try {
    return await completePartition(settings, place, services, { ...opened, jitter })
  } catch (error) {
    await giveUp(opened.log, place, services)
    throw error
  }
}

async function completePartition(
  settings: PartitionSettings,
  place: PartitionPlace,
  services: PartitionServices,
  opened: OpenedLog & { readonly jitter: number },
): Promise<Partition> {
  const { log, logStartOffset, logEndOffset, jitter } = opened
  const { directory, logDirectory } = place
  const { config } = settings
  // What was recovered is still only in the page cache, so the recovery point stays where it was.
  const recoveryPoint = Math.min(place.recoveryPoint, logEndOffset)
  const offsets = { logStartOffset, logEndOffset, recoveryPoint }
  const partition = new Partition(settings, services, {
    log,
    directory,
    logDirectory,
    config,
    jitter,
    ...offsets,
  })
  if (place.existed) await loadSmallFiles(partition, place)
  else await writeIdentity(partition)
  partition.lead(settings.leaderEpoch)
  return partition
}

/** A directory without `partition.metadata` left behind would be taken for an old log of this name later. */
async function giveUp(log: number, place: PartitionPlace, services: PartitionServices): Promise<void> {
  const { engine, files, logger } = services
  try {
    await engine.closeLog(log)
    if (!place.existed) await files.remove(place.directory)
  } catch (error) {
    logger.warn('a log that could not be opened left traces', {
      directory: place.directory,
      error: String(error),
    })
  }
}

function writeIdentity({ directory, topicId, services }: Partition): Promise<void> {
  return services.files.replace(`${directory}/${PARTITION_METADATA}`, formatPartitionMetadata(topicId))
}

async function loadSmallFiles(partition: Partition, place: PartitionPlace): Promise<void> {
  const { files } = partition.services
  const { directory } = partition
  const names = await files.list(directory)
  partition.snapshots.found(names)
  if (names.includes(CheckpointFile.leaderEpoch)) {
    const content = await files.read(`${directory}/${CheckpointFile.leaderEpoch}`)
    for (const { epoch, startOffset } of parseEpochs(content?.toString() ?? '') ?? []) {
      partition.epochs.assign(epoch, startOffset)
    }
    partition.epochs.truncateEnd(partition.logEndOffset)
    partition.epochs.truncateStart(partition.logStartOffset)
    partition.epochs.dirty = false
  }
  if (!names.includes(PARTITION_METADATA)) await writeIdentity(partition)
  const trustedEnd = place.clean ? partition.logEndOffset : partition.recoveryPoint
  await recoverFromHeaders(partition, { names, clean: place.clean, trustedEnd })
}
