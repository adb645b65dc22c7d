import { CheckpointFile, formatEpochs } from './checkpoints.js'
import type { Partition } from './partition.js'

/** Writes the partition's `leader-epoch-checkpoint` when it is out of date. */
export async function writeEpochs(partition: Partition): Promise<void> {
  const { epochs, directory, services } = partition
  if (!epochs.dirty) return
  epochs.dirty = false
  await services.files.replace(`${directory}/${CheckpointFile.leaderEpoch}`, formatEpochs(epochs.all))
}
