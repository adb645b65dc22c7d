import type { AbortedTransaction } from './aborted-transaction.js'

const FIELDS = 4
const CAPACITY_MIN = 4
const NONE: readonly AbortedTransaction[] = []
/** Of all that hold nothing. */
const NO_CELLS = new Float64Array(0)

/**
 * The aborted transactions of one partition in the order of their markers, packed: 32 bytes each. It is as long as
 * the log allows, since every one of them takes at least four times as much there.
 */
export class AbortedList {
  private cells = NO_CELLS
  private start = 0
  private end = 0

  get length(): number {
    return this.end - this.start
  }

  /** Markers come in ascending order. */
  add({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTransaction): void {
    if (this.end * FIELDS === this.cells.length) this.makeRoom()
    this.cells.set([producerId, firstOffset, lastOffset, lastStableOffset], this.end * FIELDS)
    this.end++
  }

  /**
   * Those a reader has to know of who reads from `offset` up to `upperBound`. When the last stable offset as of a
   * marker lies past the bound, no later one can reach back before it.
   */
  overlapping(offset: number, upperBound: number): readonly AbortedTransaction[] {
    if (this.length === 0) return NONE
    const result: AbortedTransaction[] = []
    for (let i = this.firstMarkerFrom(offset); i < this.end; i++) {
      const entry = this.at(i)
      if (entry.firstOffset < upperBound) result.push(entry)
      if (entry.lastStableOffset >= upperBound) break
    }
    return result
  }

  /** Those whose marker lies in [from, to). */
  between(from: number, to: number): AbortedTransaction[] {
    const result: AbortedTransaction[] = []
    for (let i = this.firstMarkerFrom(from); i < this.end; i++) {
      const entry = this.at(i)
      if (entry.lastOffset >= to) break
      result.push(entry)
    }
    return result
  }

  /** Four numbers for each that began below the offset: producer, first, last and last stable offset. */
  beganBelow(offset: number): Float64Array {
    const cells = this.cells.slice(this.start * FIELDS, this.end * FIELDS)
    let kept = 0
    for (let from = 0; from < cells.length; from += FIELDS) {
      if ((cells[from + 1] as number) >= offset) continue
      cells.copyWithin(kept, from, from + FIELDS)
      kept += FIELDS
    }
    return cells.subarray(0, kept)
  }

  /** Those with these markers are of no use any more. */
  removeMarkers(offsets: ReadonlySet<number>): void {
    const { cells } = this
    let kept = this.start
    for (let i = this.start; i < this.end; i++) {
      if (offsets.has(cells[i * FIELDS + 2] as number)) continue
      cells.copyWithin(kept * FIELDS, i * FIELDS, (i + 1) * FIELDS)
      kept++
    }
    this.end = kept
  }

  removeBelow(offset: number): void {
    this.start = this.firstMarkerFrom(offset)
  }

  removeFrom(offset: number): void {
    this.end = this.firstMarkerFrom(offset)
  }

  private firstMarkerFrom(offset: number): number {
    let low = this.start
    let high = this.end
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.cells[middle * FIELDS + 2] as number) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  private at(index: number): AbortedTransaction {
    const { cells } = this
    const cell = index * FIELDS
    return {
      producerId: cells[cell] as number,
      firstOffset: cells[cell + 1] as number,
      lastOffset: cells[cell + 2] as number,
      lastStableOffset: cells[cell + 3] as number,
    }
  }

  private makeRoom(): void {
    const kept = this.cells.subarray(this.start * FIELDS, this.end * FIELDS)
    const cells = new Float64Array(Math.max(CAPACITY_MIN, this.length * 2) * FIELDS)
    cells.set(kept)
    this.cells = cells
    this.end = this.length
    this.start = 0
  }
}
