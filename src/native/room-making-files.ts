import type { Files } from './files.js'

/**
 * `Files` for a process whose descriptors may all be taken by files that are merely kept at hand: what needs one more
 * has some of those closed and tries again, as long as `makeRoom` finds any. No verb has changed anything by the time
 * it can meet the limit that doing it again would not make good. Of many that meet it together one makes room for all.
 */
export function roomMakingFiles(files: Files, makeRoom: () => boolean): Files {
  let rounds = 0
  const withRoom = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    for (;;) {
      const before = rounds
      try {
        return await call()
      } catch (error) {
        if (!isOutOfDescriptors(error)) throw error
        if (rounds !== before) continue
        if (!makeRoom()) throw error
        rounds++
      }
    }
  }
  return {
    read: (path) => withRoom(() => files.read(path)),
    replace: (path, content) => withRoom(() => files.replace(path, content)),
    append: (path, content) => withRoom(() => files.append(path, content)),
    sync: (path) => withRoom(() => files.sync(path)),
    list: (directory) => withRoom(() => files.list(directory)),
    makeDirectory: (path) => withRoom(() => files.makeDirectory(path)),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => withRoom(() => files.remove(path)),
    syncDirectory: (path) => withRoom(() => files.syncDirectory(path)),
    volume: (path) => files.volume(path),
    lock: (path) => withRoom(() => files.lock(path)),
  }
}

function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')
}
