import type { Files } from '../native/files.js'
import {
  decodeSnapshot,
  encodeSnapshot,
  type SnapshotEntry,
  snapshotName,
  snapshotOffset,
} from './producer-snapshot.js'
import type { ProducerState } from './producer-state.js'

/** The snapshot files of one partition; `offsets` ascending. One is kept per segment and goes with it. */
export class ProducerSnapshots {
  private offsets: number[] = []

  constructor(
    private readonly directory: string,
    private readonly files: Files,
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

  async write(producers: ProducerState, offset: number): Promise<void> {
    if (offset <= this.latest) return
    const bytes = encodeSnapshot(producers.snapshot(offset))
    this.offsets.push(offset)
    await this.files.replace(`${this.directory}/${snapshotName(offset)}`, bytes)
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
      this.offsets = this.offsets.filter((other) => other !== known)
      await this.files.remove(path)
    }
    return null
  }

  /** Snapshots of segments that are gone. The newest stays: recovery begins there. */
  async removeBelow(offset: number): Promise<void> {
    const gone = this.offsets.filter((known) => known < offset && known !== this.latest)
    if (gone.length === 0) return
    this.offsets = this.offsets.filter((known) => !gone.includes(known))
    for (const known of gone) await this.files.remove(`${this.directory}/${snapshotName(known)}`)
  }
}
