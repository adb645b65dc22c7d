import { CallbackTimer } from '../base/timing-wheel.js'
import { partitionName, retiredName } from './directory-names.js'
import type { Partition } from './partition.js'

/**
 * Closes the log and renames its directory at once, so that the name is free for a new topic; the bytes leave
 * after `file.delete.delay.ms`, and whatever is left of them at the next start. Slices being sent keep their file.
 */
export async function deletePartitionDirectory(partition: Partition): Promise<void> {
  const { engine } = partition.services
  await engine.closeLog(partition.log)
  await partition.transactionIndex.idle()
  await retireDirectory(partition, partition)
}

/** The same for a directory the log lies in no more. */
export async function retireDirectory(
  partition: Partition,
  place: { readonly directory: string; readonly logDirectory: string },
): Promise<void> {
  const { files, random, timers, logger } = partition.services
  const name = retiredName(partitionName(partition.topic, partition.partition), random.bytes(16), 'delete')
  const retired = `${place.logDirectory}/${name}`
  await files.rename(place.directory, retired)
  const remove = () => {
    files.remove(retired).catch((error: unknown) => {
      logger.warn('a deleted partition was not removed, the next start tries again', {
        directory: retired,
        error: String(error),
      })
    })
  }
  timers.schedule(new CallbackTimer(remove), partition.config.fileDeleteDelayMs)
}
