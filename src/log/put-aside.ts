import { retiredName } from './directory-names.js'
import type { LogDirectory } from './log-directory.js'
import type { PartitionServices } from './partition-services.js'

/** The directory of a partition is found to hold another topic of the same name. */
export class OtherTopicError extends Error {
  readonly code = 'OTHER_TOPIC'
  constructor(readonly directory: string) {
    super(`${directory} belongs to another topic`)
  }
}

/** Gives it a name that no topic claims: an operator may want what is in it. */
export async function putAside(
  directory: LogDirectory,
  name: string,
  { files, logger, random }: PartitionServices,
): Promise<void> {
  const path = `${directory.path}/${name}`
  const stray = `${directory.path}/${retiredName(name, random.bytes(16), 'stray')}`
  const fields = { directory: path, stray }
  logger.warn('a directory belongs to another topic of this name and is put aside', fields)
  await files.rename(path, stray)
  await directory.syncNames()
  directory.found.delete(name)
}
