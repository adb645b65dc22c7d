import type { Files } from '../native/files.js'
import { AbortedList } from './aborted-list.js'
import {
  type AbortedTransaction,
  decodeAborted,
  encodeAborted,
  isTransactionIndex,
  transactionIndexName,
} from './aborted-transaction.js'
import { isDiskFailure } from './disk-error.js'

/** Of all partitions without aborted transactions; nothing is ever put in. */
const NOTHING_PENDING = new Map<number, AbortedTransaction[]>()
const NO_BASES = new Set<number>()
const IDLE = Promise.resolve()

/**
 * The aborted transactions of one partition, in memory for fetches and in a file beside each segment that has some.
 * A file is extended when a marker is written, one write after the other; when one fails its file is written anew.
 * The engine removes the file with its segment.
 */
export class TransactionIndex {
  readonly aborted = new AbortedList()
  /** One job on the files after the other. */
  private tail = IDLE
  /** By base offset of the segment: entries no file has yet. */
  private pending = NOTHING_PENDING
  /** Base offsets of files with bytes that may not be on the device, and of those with bytes missing. */
  private unsynced = NO_BASES
  private incomplete = NO_BASES
  private syncFailure: Error | null = null
  /** Base offsets of all segments, ascending. Most partitions never need them. */
  private known: number[] | null = null

  constructor(
    public directory: string,
    private readonly files: Files,
    /** Asks the engine, which looks at every file. */
    private readonly listBases: () => number[],
  ) {}

  /** The engine's `rolled`. */
  rolled(base: number): void {
    if (this.known !== null && base > (this.known.at(-1) ?? -1)) this.known.push(base)
  }

  /** Segments that begin below `base` are gone. */
  removeBelow(base: number): void {
    this.aborted.removeBelow(base)
    if (this.known !== null) this.known = this.known.filter((offset) => offset >= base)
  }

  /** Compaction wrote the files of these segments anew, or has merged them into the one before. */
  cleaned(result: {
    readonly removedSegments: readonly number[]
    readonly droppedMarkers: readonly number[]
  }): void {
    const removed = new Set(result.removedSegments)
    if (this.known !== null) this.known = this.known.filter((base) => !removed.has(base))
    if (result.droppedMarkers.length > 0) this.aborted.removeMarkers(new Set(result.droppedMarkers))
  }

  /** The marker of each is written. */
  add(entries: readonly AbortedTransaction[]): void {
    this.become()
    const bases = this.bases
    for (const entry of entries) {
      this.aborted.add(entry)
      const base = bases.findLast((offset) => offset <= entry.lastOffset) ?? 0
      this.unsynced.add(base)
      const waiting = this.pending.get(base)
      if (waiting !== undefined) waiting.push(entry)
      else {
        this.pending.set(base, [entry])
        void this.enqueue(() => this.extend(base))
      }
    }
  }

  /**
   * Everything added before is on disk; rejects when that cannot be had. What one sync has lost the next does not
   * bring back, so after a failed one every later call rejects too.
   */
  async flush(): Promise<void> {
    if (this.syncFailure !== null) throw this.syncFailure
    if (this.unsynced.size === 0) return
    await this.enqueue(async () => {
      for (const base of [...this.unsynced]) {
        if (!this.bases.includes(base)) this.incomplete.delete(base)
        else {
          if (this.incomplete.has(base)) await this.rewrite(base)
          await this.sync(base)
        }
        if (!this.pending.has(base)) this.unsynced.delete(base)
      }
      await this.files.syncDirectory(this.directory)
    })
  }

  /** No write is under way. */
  idle(): Promise<void> {
    return this.tail
  }

  /** Nothing is written while `work` goes on; it may change `directory` to where the same files are by then. */
  whileIdle(work: () => Promise<void>): Promise<void> {
    return this.enqueue(work)
  }

  /**
   * Reads the files that belong to segments. Returns the first offset of the oldest segment whose file is damaged,
   * Infinity when all are intact.
   */
  async load(names: readonly string[]): Promise<number> {
    if (!names.some(isTransactionIndex)) return Number.POSITIVE_INFINITY
    for (const base of this.bases) {
      if (!names.includes(transactionIndexName(base))) continue
      const bytes = await this.files.read(this.path(base))
      const entries = bytes && decodeAborted(bytes, base)
      if (entries === null) return base
      for (const entry of entries) this.aborted.add(entry)
    }
    return Number.POSITIVE_INFINITY
  }

  /**
   * Whatever the files say from `offset` on, what is in memory now is right. A file that says the same may have been
   * left in the page cache by a killed process, so it counts as unsynced.
   */
  async repairFrom(offset: number, names: readonly string[]): Promise<void> {
    if (this.aborted.length === 0 && !names.some(isTransactionIndex)) return
    this.become()
    for (const base of [...this.bases]) {
      if (this.endOf(base) <= offset) continue
      await this.rewrite(base)
      this.unsynced.add(base)
    }
  }

  /** Before anything is noted of a file. */
  private become(): void {
    if (this.pending !== NOTHING_PENDING) return
    this.pending = new Map()
    this.unsynced = new Set()
    this.incomplete = new Set()
  }

  private get bases(): readonly number[] {
    this.known ??= this.listBases()
    return this.known
  }

  private endOf(base: number): number {
    return this.bases[this.bases.indexOf(base) + 1] ?? Number.POSITIVE_INFINITY
  }

  private enqueue(job: () => Promise<void>): Promise<void> {
    const done = this.tail.then(job)
    this.tail = done.catch(() => {})
    return done
  }

  private async extend(base: number): Promise<void> {
    const entries = this.pending.get(base)
    this.pending.delete(base)
    if (entries === undefined || this.incomplete.has(base)) return
    try {
      await this.files.append(this.path(base), encodeAborted(entries))
    } catch {
      // The next flush writes the file anew, and nothing counts as flushed before.
      this.incomplete.add(base)
    }
  }

  /** The engine may have removed the segment a moment ago. */
  private async sync(base: number): Promise<void> {
    try {
      await this.files.sync(this.path(base))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
      if (isDiskFailure(error)) this.syncFailure = error as Error
      throw error
    }
  }

  private async rewrite(base: number): Promise<void> {
    const bytes = encodeAborted(this.aborted.between(base, this.endOf(base)))
    this.pending.delete(base)
    const path = this.path(base)
    const found = await this.files.read(path)
    if (bytes.length === 0) {
      if (found !== null) await this.files.remove(path)
    } else if (found === null || !found.equals(bytes)) {
      await this.files.replace(path, bytes)
    }
    this.incomplete.delete(base)
  }

  private path(base: number): string {
    return `${this.directory}/${transactionIndexName(base)}`
  }
}
