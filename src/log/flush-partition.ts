import type { Partition } from './partition.js'

/** Syncs the log; afterwards everything below `offset`, which was written before the call, is on disk. */
export async function flushPartition(partition: Partition, offset: number): Promise<void> {
  const { engine, clock, logger } = partition.services
  try {
    await engine.flushLog(partition.log)
    await partition.transactionIndex.flush()
    partition.lastFlushMs = clock.nowMs()
    partition.recoveryPoint = Math.max(partition.recoveryPoint, offset)
  } catch (error) {
    if (partition.status === 'closed') return
    logger.error('flush failed, a crash now costs a longer recovery', {
      partition: partition.name,
      error: String(error),
    })
    partition.keeper?.smallFileFailed(partition, error)
  }
}
