import type { CleanedLog } from '../../native/engine.js'
import { flushPartition } from '../flush-partition.js'
import type { Partition } from '../partition.js'
import type { Cleanable } from './candidate.js'
import { BUFFER_BYTES_MAX, BUFFER_BYTES_MIN, MAP_BYTES_MAX } from './limits.js'
import type { CleanerSettings } from './settings.js'

/** One round; the log's own state follows what the engine did, also where the round ended early. */
export async function cleanPartition(
  partition: Partition,
  cleanable: Cleanable,
  settings: CleanerSettings,
): Promise<CleanedLog> {
  const { services, config, transactionIndex } = partition
  // Whatever the round reads of aborted transactions is in their files by then, so none is written to meanwhile.
  await transactionIndex.flush()
  await makeDurable(partition, cleanable.firstUncleanableOffset)
  const threads = Math.max(settings.threads, 1)
  const result = await services.engine.cleanLog(partition.log, {
    firstDirtyOffset: cleanable.firstDirtyOffset,
    firstUncleanableOffset: cleanable.firstUncleanableOffset,
    nowMs: services.clock.nowMs(),
    deleteRetentionMs: config.deleteRetentionMs,
    segmentBytes: config.segmentBytes,
    segmentIndexBytes: config.segmentIndexBytes,
    indexIntervalBytes: config.indexIntervalBytes,
    mapBytes: Math.min(settings.mapBytes / threads, MAP_BYTES_MAX),
    loadFactor: settings.loadFactor,
    bufferBytes: Math.min(Math.max(settings.bufferBytes / threads, BUFFER_BYTES_MIN), BUFFER_BYTES_MAX),
    bytesPerSecond: settings.bytesPerSecond,
    producers: activeProducers(partition),
    aborted: transactionIndex.aborted.beganBelow(cleanable.firstUncleanableOffset),
  })
  if (partition.status === 'closed') return result
  transactionIndex.cleaned(result)
  await partition.snapshots.remove(result.removedSegments)
  if (result.failure === null) partition.cleanOffset = result.endOffset
  return result
}

/**
 * A round leaves gaps, and so does a power cut. They can be told apart only while rounds stay below the recovery point
 * that a start would find.
 */
async function makeDurable(partition: Partition, offset: number): Promise<void> {
  if (partition.recoveryPoint < offset) await flushPartition(partition, offset)
  const known =
    partition.recoveryPoint >= offset && ((await partition.keeper?.checkpointRecovery(partition)) ?? true)
  if (!known && partition.status !== 'closed')
    throw new Error('what is to be compacted could not be brought to disk')
}

/** Of batches in flight nobody knows yet whether they will be the newest. */
function activeProducers({ producers, logEndOffset }: Partition): Float64Array {
  const cells = new Float64Array(producers.size * 3)
  let at = 0
  for (const [producerId, { batches, epoch }] of producers.all()) {
    const written = batches.findLast(({ lastOffset }) => lastOffset < logEndOffset)
    cells[at] = producerId
    cells[at + 1] = written !== undefined && written.epoch === epoch ? written.lastOffset : -1
    cells[at + 2] = epoch
    at += 3
  }
  return cells
}
