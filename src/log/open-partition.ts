import type { Logger } from '../base/logger.js'
import { EngineError, type OpenedLog } from '../native/engine.js'
import { CheckpointFile, parseEpochs } from './checkpoints.js'
import type { LogConfig } from './log-config.js'
import { engineOptions } from './log-config.js'
import { Partition, type PartitionIdentity } from './partition.js'
import { formatPartitionMetadata, PARTITION_METADATA, parsePartitionMetadata } from './partition-metadata.js'
import type { PartitionServices } from './partition-services.js'
import { OtherTopicError } from './put-aside.js'
import { recoverEpochs, recoverFromHeaders } from './recover-from-headers.js'

export interface PartitionPlace {
  readonly logDirectory: string
  /** Absolute. */
  readonly directory: string
  /** The directory was there at start; else it is made. */
  readonly existed: boolean
  readonly clean: boolean
  readonly recoveryPoint: number
  readonly syncedEnd: number
  /** The two were read from a checkpoint. */
  readonly checkpointed: boolean
  readonly logStartOffset: number
  /** -1 when the log was never compacted. */
  readonly cleanOffset: number
}

export interface PartitionSettings extends PartitionIdentity {
  readonly config: LogConfig
  readonly leaderEpoch: number
}

/** Their contents come with the log. */
const SMALL_FILES = [PARTITION_METADATA, CheckpointFile.leaderEpoch] as const

/**
 * Opens the log, recovering its tail, then the small files around it, then the producers' state. Rejects with an
 * OtherTopicError, and changes nothing, when the directory belongs to another topic.
 */
export async function openPartition(
  settings: PartitionSettings,
  place: PartitionPlace,
  services: PartitionServices,
): Promise<Partition> {
  const jitter = services.random.int(2 ** 20) / 2 ** 20
  const opened = await openLog(settings, place, services, jitter)
  reportDamage(opened, place, services.logger)
  try {
    return await completePartition(settings, place, services, { ...opened, jitter })
  } catch (error) {
    await giveUp(opened.log, place, services)
    throw error
  }
}

async function openLog(
  { config, topicId }: PartitionSettings,
  place: PartitionPlace,
  { engine, files }: PartitionServices,
  jitter: number,
): Promise<OpenedLog> {
  const { directory, existed } = place
  const jitterMs = Math.floor(jitter * Math.min(config.segmentJitterMs, config.segmentMs))
  const options = {
    ...engineOptions(config, jitterMs),
    directory,
    logStartOffset: place.logStartOffset,
    recoveryPoint: place.recoveryPoint,
    compactedBelow: compactedBelow(config, place),
    smallFiles: existed ? SMALL_FILES : [],
  }
  try {
    return await engine.openLog({ ...options, expected: existed ? formatPartitionMetadata(topicId) : null })
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'EEXIST') throw error
    const content = await files.read(`${directory}/${PARTITION_METADATA}`)
    const owner = content && parsePartitionMetadata(content.toString())
    if (owner && owner !== topicId) throw new OtherTopicError(directory)
    // Unreadable, or the same id in other words.
    return await engine.openLog({ ...options, expected: null })
  }
}

/**
 * Where gaps may be compaction's, also when the policy is another by now. It begins only when what it reads is on
 * disk and the recovery point says so; so above it, where the log is scanned, gaps are a crash's, unless the round
 * was another broker's.
 */
function compactedBelow(config: LogConfig, { cleanOffset, checkpointed }: PartitionPlace): number {
  if (!config.cleanupPolicy.has('compact') && cleanOffset < 0) return 0
  return checkpointed ? Math.max(cleanOffset, 1) : Number.MAX_SAFE_INTEGER
}

/** One line for each way a log can be less than it was. */
function reportDamage(opened: OpenedLog, place: PartitionPlace, logger: Logger): void {
  const { directory, syncedEnd } = place
  const { logEndOffset, logStartOffset, truncatedBytes, recoveredSegments } = opened
  if (truncatedBytes > 0) {
    logger.warn('the torn end of a log was cut off', { directory, bytes: truncatedBytes, logEndOffset })
  }
  if (logEndOffset < syncedEnd) {
    const fields = { directory, logEndOffset, syncedEnd }
    logger.error('a log ends before what was known to be on disk: records are lost', fields)
  }
  if (place.clean && recoveredSegments > 0) {
    const fields = { directory, segments: recoveredSegments }
    logger.warn(
      'segments were scanned although the stop was clean: they or their indexes had changed',
      fields,
    )
  }
  if (place.existed && logStartOffset > place.logStartOffset) {
    const fields = { directory, logStartOffset, expected: place.logStartOffset }
    logger.info('a log begins later than its checkpoint says', fields)
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
  const offsets = { logStartOffset, logEndOffset, recoveryPoint, cleanOffset: place.cleanOffset }
  const partition = new Partition(settings, services, {
    log,
    directory,
    logDirectory,
    config,
    jitter,
    ...offsets,
  })
  if (place.existed) await loadSmallFiles(partition, place, opened)
  else await writeIdentity(partition)
  // Recovered records are only in the page cache, and a repeated batch among them is acknowledged without a write.
  if (!place.clean && place.existed && config.flushMessages < Number.MAX_SAFE_INTEGER) {
    await services.engine.flushLog(log)
    await partition.transactionIndex.flush()
    partition.recoveryPoint = logEndOffset
  }
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

async function loadSmallFiles(
  partition: Partition,
  place: PartitionPlace,
  { otherFiles, smallFiles, scanned }: OpenedLog,
): Promise<void> {
  const { files } = partition.services
  const { directory } = partition
  const warn = (event: string) => partition.services.logger.warn(event, { directory })
  // Replacements that a crash left half-written; those of snapshots have names that never come again.
  for (const name of otherFiles) if (name.endsWith('.tmp')) await files.remove(`${directory}/${name}`)
  const names = otherFiles.filter((name) => !name.endsWith('.tmp'))
  partition.snapshots.found(names)
  const [identity, checkpoint] = smallFiles
  if (names.includes(CheckpointFile.leaderEpoch)) {
    const content = checkpoint ?? (await files.read(`${directory}/${CheckpointFile.leaderEpoch}`))
    const epochs = parseEpochs(content?.toString() ?? '')
    if (epochs === null) warn('its leader epoch checkpoint is unreadable, epochs are read from the batches')
    for (const { epoch, startOffset } of epochs ?? []) partition.epochs.assign(epoch, startOffset)
    partition.epochs.truncateEnd(partition.logEndOffset)
    partition.epochs.truncateStart(partition.logStartOffset)
    partition.epochs.dirty = false
  }
  if (!identity || parsePartitionMetadata(identity) === null) {
    if (names.includes(PARTITION_METADATA)) warn('its partition.metadata is unreadable and written anew')
    await writeIdentity(partition)
  }
  const trustedEnd = place.clean ? partition.logEndOffset : partition.recoveryPoint
  if (partition.epochs.all.length === 0 && partition.logEndOffset > partition.logStartOffset) {
    await recoverEpochs(partition, scanned)
  }
  await recoverFromHeaders(partition, { names, clean: place.clean, trustedEnd, scanned })
}
