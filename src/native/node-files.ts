// `Files` over the operating system.

import { appendFile, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { loadAddon, type NativeFailure } from './addon.js'
import { toError } from './events.js'
import type { Files } from './files.js'

export const nodeFiles: Files = {
  // Natively, for it is done for every partition: Node takes a turn of a worker thread for each call of the system.
  read: (path) => loadAddon().readFile(path).catch(rethrow),

  async replace(path, content) {
    await loadAddon().replaceFile(path, Buffer.from(content)).catch(rethrow)
  },

  append: (path, content) => appendFile(path, content, { mode: 0o644 }),

  async sync(path) {
    const file = await open(path, 'r')
    try {
      await file.datasync()
    } finally {
      await file.close()
    }
  },

  list: (directory) => readdir(directory),

  async makeDirectory(path) {
    const first = await mkdir(path, { recursive: true })
    if (first === undefined) return
    for (let made = path; made.length >= first.length; made = dirname(made))
      await syncDirectory(dirname(made))
  },

  rename,

  async remove(path) {
    await rm(path, { recursive: true, force: true })
  },

  syncDirectory,

  async volume(path) {
    const { bsize, blocks, bavail } = await statfs(path)
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail }
  },

  async lock(path) {
    const addon = loadAddon()
    const locked = addon.lockFile(path)
    if (typeof locked !== 'number') throw toError(locked)
    let held = true
    return {
      async release() {
        if (held) addon.unlockFile(locked)
        held = false
      },
    }
  },
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function rethrow(failure: NativeFailure): never {
  throw toError(failure)
}
