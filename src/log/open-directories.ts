import { DirectoryIdentityError } from './directory-identity.js'
import { isDiskFailure } from './disk-error.js'
import type { LogDirectory } from './log-directory.js'
import type { LogManagerOptions } from './log-manager-options.js'
import type { PartitionServices } from './partition-services.js'

/**
 * Takes the locks. A directory whose disk is gone does not keep the others from being served, as long as it is not
 * the one with the metadata log; one that another process holds does.
 */
export async function openDirectories(
  directories: readonly LogDirectory[],
  { metadataLogDir }: LogManagerOptions,
  logger: PartitionServices['logger'],
): Promise<LogDirectory[]> {
  const online: LogDirectory[] = []
  for (const directory of directories) {
    try {
      await directory.open()
      online.push(directory)
    } catch (error) {
      const last = directories.length === 1 || directory.path === metadataLogDir
      if (last || !isDiskFailure(error)) throw error
      const fields = { directory: directory.path, error: String(error) }
      logger.error('a log directory cannot be opened and is offline with its partitions', fields)
      directory.fail(error as Error)
    }
  }
  return online
}

/** Two directories with one partition: which one holds the truth cannot be told from here. */
export function refuseDuplicates(directories: readonly LogDirectory[]): void {
  const paths = new Map<string, string>()
  for (const { path, found } of directories) {
    for (const name of found.keys()) {
      const other = paths.get(name)
      if (other !== undefined) {
        throw new DirectoryIdentityError(`${name} lies in both ${other} and ${path}; one of them has to go`)
      }
      paths.set(name, path)
    }
  }
}
