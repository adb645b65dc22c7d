import type { Files } from '../native/files.js'
import {
  decodeSnapshot,
  encodeSnapshot,
  type SnapshotEntry,
  snapshotName,
  snapshotOffset,
} from './producer-snapshot.js'
import type { ProducerState } from './producer-state.js'

/** Of all partitions that wrote none yet; nothing is ever put in. */
const NOT_WRITING = new Map<number, Promise<void>>()
const NOT_HELD = Promise.resolve()

/**
 * The snapshot files of one partition; `offsets` ascending. One is kept per segment and goes with it, and one where
 * the log was made to begin.
 */
export class ProducerSnapshots {
  private offsets: number[] = []
  private writing = NOT_WRITING
  /** While it is pending nothing is written or removed. */
  private held = NOT_HELD

  constructor(
    public directory: string,
    private readonly files: Files,
    /** Hears of each snapshot that does not match its checksum. */
    private readonly damaged: (path: string) => void = () => {},
  ) {}

  get latest(): number {
    return this.offsets.at(-1) ?? -1
  }

  found(names: readonly string[]): void {
    this.offsets = names
      .map(snapshotOffset)
      .filter((offset) => offset >= 0)
      .sort((a, b) => a - b)
  }

  /** The producers as of `offset`. Resolves when the file is there, also when somebody else is writing it. */
  write(producers: ProducerState, offset: number): Promise<void> {
    if (this.offsets.includes(offset)) return Promise.resolve()
    const known = this.writing.get(offset)
    if (known !== undefined) return known
    const bytes = encodeSnapshot(producers.snapshot(offset))
    const written = this.held
      .then(() => this.files.replace(`${this.directory}/${snapshotName(offset)}`, bytes))
      .then(() => this.found([...this.offsets, offset].map(snapshotName)))
      .finally(() => this.writing.delete(offset))
    if (this.writing === NOT_WRITING) this.writing = new Map()
    this.writing.set(offset, written)
    return written
  }

  /** Nothing is written while `work` goes on; it may change `directory` to where the same files are by then. */
  async whileIdle(work: () => Promise<void>): Promise<void> {
    const before = [...this.writing.values()]
    const done = Promise.allSettled(before).then(work)
    this.held = done.catch(() => {})
    await done
  }

  /**
   * The newest intact snapshot at or below `offset`. Those that are torn or lie past the end of the log are removed;
   * between the two they are kept for a later start.
   */
  async load(
    offset: number,
    logEndOffset: number,
  ): Promise<{ offset: number; entries: SnapshotEntry[] } | null> {
    for (const known of this.offsets.toReversed()) {
      if (known > offset && known <= logEndOffset) continue
      const path = `${this.directory}/${snapshotName(known)}`
      const bytes = known <= offset ? await this.files.read(path) : null
      const entries = bytes && decodeSnapshot(bytes)
      if (entries) return { offset: known, entries }
      if (bytes !== null) this.damaged(path)
      this.offsets = this.offsets.filter((other) => other !== known)
      await this.files.remove(path)
    }
    return null
  }

  /** Snapshots of what is gone. The newest stays: recovery begins there. */
  removeBelow(offset: number): Promise<void> {
    return this.remove(this.offsets.filter((known) => known < offset))
  }

  /** The same for segments that begin at these offsets. */
  async remove(offsets: readonly number[]): Promise<void> {
    const gone = this.offsets.filter((known) => known !== this.latest && offsets.includes(known))
    if (gone.length === 0) return
    this.offsets = this.offsets.filter((known) => !gone.includes(known))
    await this.held
    for (const known of gone) await this.files.remove(`${this.directory}/${snapshotName(known)}`)
  }
}
