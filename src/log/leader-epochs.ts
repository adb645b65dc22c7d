/** An epoch and the first offset written under it. */
export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/** What OffsetForLeaderEpoch answers; -1 and -1 when the epoch is unknown. */
export interface EpochEnd {
  readonly epoch: number
  readonly endOffset: number
}

const UNDEFINED: EpochEnd = { epoch: -1, endOffset: -1 }

/** The leader epochs of a log, ascending in both fields. `dirty` until the owner has written the checkpoint. */
export class LeaderEpochs {
  private entries: EpochEntry[]
  dirty = false

  constructor(entries: readonly EpochEntry[] = []) {
    this.entries = [...entries]
  }

  get all(): readonly EpochEntry[] {
    return this.entries
  }

  /** -1 while nothing was ever written. */
  get latest(): number {
    return this.entries.at(-1)?.epoch ?? -1
  }

  /** Notes that records from `startOffset` on carry `epoch`; later entries that contradict it are dropped. */
  assign(epoch: number, startOffset: number): void {
    if (epoch <= this.latest) return
    const kept = this.entries.filter((entry) => entry.startOffset < startOffset)
    this.entries = [...kept, { epoch, startOffset }]
    this.dirty = true
  }

  /**
   * Where an epoch ends, given the end of the log:
   *   the latest one          the end of the log
   *   above the latest        unknown
   *   below the first known   itself, and where the first known one starts
   *   otherwise               the largest epoch not above it, and where the next one starts
   */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEnd {
    if (epoch < 0) return UNDEFINED
    if (epoch === this.latest) return { epoch, endOffset: logEndOffset }
    const above = this.entries.findIndex((entry) => entry.epoch > epoch)
    const next = this.entries[above]
    if (next === undefined) return UNDEFINED
    return { epoch: this.entries[above - 1]?.epoch ?? epoch, endOffset: next.startOffset }
  }

  /** The epoch of the record at `offset`, -1 when unknown. */
  epochAt(offset: number): number {
    let found = -1
    for (const entry of this.entries) {
      if (entry.startOffset > offset) break
      found = entry.epoch
    }
    return found
  }

  /** Forgets epochs wholly below the new start; the one that covers it now begins there. */
  truncateStart(logStartOffset: number): void {
    const [first] = this.entries
    if (first === undefined || first.startOffset >= logStartOffset) return
    const covering = this.epochAt(logStartOffset)
    const kept = this.entries.filter((entry) => entry.startOffset > logStartOffset)
    kept.unshift({ epoch: covering, startOffset: logStartOffset })
    this.entries = kept
    this.dirty = true
  }

  /** Forgets epochs that begin past the end, after records were cut off. One that begins at it wrote nothing yet. */
  truncateEnd(logEndOffset: number): void {
    const kept = this.entries.filter((entry) => entry.startOffset <= logEndOffset)
    if (kept.length === this.entries.length) return
    this.entries = kept
    this.dirty = true
  }
}
