import { CheckpointFile, formatEpochs } from './checkpoints.js'
import type { Partition } from './partition.js'

/**
 * Writes the partition's `leader-epoch-checkpoint` when it is out of date. Epochs that have no records yet are not
 * worth a synced file, so a partition nobody writes to costs none. What a crash loses is read from batch headers.
 */
export async function writeEpochs(partition: Partition): Promise<void> {
  const { epochs, directory, services, logEndOffset } = partition
  if (!epochs.dirty || !epochs.all.some(({ startOffset }) => startOffset < logEndOffset)) return
  epochs.dirty = false
  try {
    await services.files.replace(`${directory}/${CheckpointFile.leaderEpoch}`, formatEpochs(epochs.all))
  } catch (error) {
    // A clean stop must not pass over it: the next start would believe the file as it is.
    epochs.dirty = true
    throw error
  }
}
