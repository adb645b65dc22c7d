// The bytes that outlive a simulated process: small files and partition logs in one tree of absolute paths.
// A SimEngine and a SimFiles over the same disk see the same directories.

export interface SimBatch {
  readonly baseOffset: number
  readonly endOffset: number
  readonly bytes: Buffer
  readonly maxTimestamp: number
  synced: boolean
}

export interface SimSegment {
  readonly baseOffset: number
  readonly batches: SimBatch[]
  lastModifiedMs: number
}

export interface SimLog {
  readonly segments: SimSegment[]
  logStartOffset: number
  logEndOffset: number
}

export class SimDisk {
  readonly files = new Map<string, Buffer>()
  readonly logs = new Map<string, SimLog>()
  readonly directories = new Set<string>()
  /** By path, what a power cut leaves of a file that was extended and not synced; null for no file. */
  readonly unsynced = new Map<string, Buffer | null>()
  /** Paths of held locks; a crash drops them as the system would. */
  readonly locks = new Set<string>()

  makeDirectory(path: string): void {
    const parts = path.split('/')
    for (let length = 2; length <= parts.length; length++)
      this.directories.add(parts.slice(0, length).join('/'))
  }

  list(directory: string): string[] | null {
    if (!this.directories.has(directory)) return null
    const names = new Set<string>()
    for (const path of [...this.files.keys(), ...this.directories]) {
      if (path.startsWith(`${directory}/`))
        names.add(path.slice(directory.length + 1).split('/')[0] as string)
    }
    return [...names].sort()
  }

  rename(from: string, to: string): void {
    move(this.files, from, to)
    move(this.logs, from, to)
    move(this.unsynced, from, to)
    for (const path of [...this.directories]) {
      if (!isWithin(path, from)) continue
      this.directories.delete(path)
      this.directories.add(to + path.slice(from.length))
    }
  }

  remove(path: string): void {
    for (const tree of [this.files, this.logs, this.unsynced]) {
      for (const key of [...tree.keys()]) if (isWithin(key, path)) tree.delete(key)
    }
    for (const key of [...this.directories]) if (isWithin(key, path)) this.directories.delete(key)
  }

  /** The process is gone. A power cut also takes what was not synced. */
  crash(options: { readonly power: boolean }): void {
    this.locks.clear()
    if (!options.power) return
    for (const log of this.logs.values()) dropUnsynced(log)
    for (const [path, content] of this.unsynced) {
      if (content === null) this.files.delete(path)
      else this.files.set(path, content)
    }
    this.unsynced.clear()
  }
}

function dropUnsynced(log: SimLog): void {
  const batches = log.segments.flatMap((segment) => segment.batches)
  const lost = batches.find((batch) => !batch.synced)
  if (lost === undefined) return
  cutLog(log, lost.baseOffset)
}

/** Removes every batch at or above `offset`. */
export function cutLog(log: SimLog, offset: number): void {
  for (const segment of log.segments) {
    const keep = segment.batches.findIndex((batch) => batch.endOffset > offset)
    if (keep >= 0) segment.batches.length = keep
  }
  while (log.segments.length > 1 && (log.segments.at(-1) as SimSegment).baseOffset >= offset)
    log.segments.pop()
  log.logEndOffset = log.segments.at(-1)?.batches.at(-1)?.endOffset ?? log.segments.at(-1)?.baseOffset ?? 0
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`)
}

function move<T>(tree: Map<string, T>, from: string, to: string): void {
  for (const [path, value] of [...tree]) {
    if (!isWithin(path, from)) continue
    tree.delete(path)
    tree.set(to + path.slice(from.length), value)
  }
}
