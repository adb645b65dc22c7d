// Files below a directory, sorted, paths relative to the repository.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

export function filesBelow(directory, accept) {
  const start = join(root, directory)
  if (!existsSync(start)) return []
  return readdirSync(start, { recursive: true })
    .map((file) => join(directory, file))
    .filter(accept)
    .sort()
}

/** Milliseconds of the newest change among the files, 0 when one is missing or there are none. */
export function newestMs(files) {
  let newest = 0
  for (const file of files) {
    const stat = statSync(join(root, file), { throwIfNoEntry: false })
    if (stat === undefined) return 0
    newest = Math.max(newest, stat.mtimeMs)
  }
  return newest
}
