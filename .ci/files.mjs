// Files below a directory, sorted, paths relative to the repository.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

export function filesBelow(directory, accept) {
  return existsSync(join(root, directory)) ? [...walk(directory)].filter(accept).sort() : []
}

/** Not into what is installed, perhaps at this moment. */
function* walk(directory) {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (!entry.isDirectory()) yield path
    else if (entry.name !== 'node_modules' && entry.name !== '.work') yield* walk(path)
  }
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
