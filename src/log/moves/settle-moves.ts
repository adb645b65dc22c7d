import { originalName, retiredName } from '../directory-names.js'
import type { LogDirectory } from '../log-directory.js'
import type { PartitionServices } from '../partition-services.js'

/**
 * An empty file in a partition's directory: it was moved here, is complete, and counts before one of the same name in
 * another log directory. It is written before the directory gets its name and removed after the other one is gone.
 */
export const MOVED = 'millrace-moved'

/**
 * A crash between the two renames of a move leaves a partition in both log directories. The one without the marker is
 * put aside; it is removed like any deleted one.
 */
export async function settleMoves(
  directories: readonly LogDirectory[],
  { files, random, logger }: Pick<PartitionServices, 'files' | 'random' | 'logger'>,
): Promise<void> {
  const first = new Map<string, LogDirectory>()
  for (const directory of directories) {
    for (const name of [...directory.found.keys()]) {
      const other = first.get(name)
      first.set(name, directory)
      if (other === undefined) continue
      const marks = await Promise.all(
        [directory, other].map(async ({ path }) => (await files.read(`${path}/${name}/${MOVED}`)) !== null),
      )
      if (marks[0] === marks[1]) continue
      const old = marks[0] ? other : directory
      const kept = marks[0] ? directory : other
      logger.info('the last step of a move between log directories is finished', {
        partition: name,
        from: old.path,
        to: kept.path,
      })
      const retired = `${old.path}/${retiredName(name, random.bytes(16), 'delete')}`
      await files.rename(`${old.path}/${name}`, retired)
      await old.syncNames()
      await files.remove(retired)
      old.found.delete(name)
      first.set(name, kept)
    }
  }
}

/** Copies that belong to no move any more. */
export async function dropUnfinished(
  directories: readonly LogDirectory[],
  { files, logger }: Pick<PartitionServices, 'files' | 'logger'>,
): Promise<void> {
  for (const directory of directories) {
    for (const name of directory.unfinishedMoves.values()) {
      try {
        await files.remove(`${directory.path}/${name}`)
      } catch (error) {
        const fields = { partition: originalName(name), directory: directory.path, error: String(error) }
        logger.warn('the copy of an unfinished move was not removed', fields)
      }
    }
    directory.unfinishedMoves.clear()
  }
}
