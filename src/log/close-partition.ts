import { writeEpochs } from './epoch-checkpoint.js'
import type { Partition } from './partition.js'

/** Flushes and closes one log at a clean stop. False when it could not be flushed: then the stop is not clean. */
export async function closePartition(partition: Partition): Promise<boolean> {
  const { services, watermarks, snapshots, producers } = partition
  const { engine, logger } = services
  const { log, name } = partition
  try {
    if (watermarks.inFlight) await watermarks.whenWritten(watermarks.nextOffset)
    if (partition.recoveryPoint < partition.logEndOffset) await engine.flushLog(log)
    await partition.transactionIndex.flush()
    partition.recoveryPoint = partition.logEndOffset
    // A log that never had a producer needs no snapshot: after a clean stop its absence says so.
    if (producers.size > 0 || snapshots.latest >= 0) await snapshots.write(producers, partition.logEndOffset)
    await writeEpochs(partition)
    partition.closed()
    await engine.closeLog(log)
    return true
  } catch (error) {
    logger.error('a log was not closed cleanly, the next start recovers it', {
      partition: name,
      error: String(error),
    })
    if (partition.status !== 'closed') partition.closed()
    return false
  }
}
