import type { AbortedTransaction } from './aborted-transaction.js'

/** A transaction as one partition sees it. `endOffset` is its marker's offset, -1 while it is open. */
export interface PartitionTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Bytes this log was given before the first batch; -Infinity when that was in an earlier run. */
  readonly bytesBefore: number
  endOffset: number
  aborted: boolean
  /** The last stable offset as of the marker, had nothing been in flight. */
  lastStableOffset: number
}

const NONE: readonly PartitionTransaction[] = []
/** Of all partitions that never had a transaction; nothing is ever put in. */
const NOTHING = new Map<number, PartitionTransaction>()

/** What readers have to know of transactions that are over. */
export function abortedOf(over: readonly PartitionTransaction[]): AbortedTransaction[] {
  return over
    .filter(({ aborted }) => aborted)
    .map(({ producerId, firstOffset, endOffset, lastStableOffset }) => ({
      producerId,
      firstOffset,
      lastOffset: endOffset,
      lastStableOffset,
    }))
}

/**
 * The transactions of one partition that are not over: open, or ended by a marker that is still in flight. State is
 * taken when a batch is sequenced; `written` forgets what is over, `rollback` takes back what was never written.
 */
export class OpenTransactions {
  /** By first offset. Offsets grow, so the oldest is the first of the map. */
  private unstable = NOTHING
  /** Those without a marker by producer, of whom each has at most one; oldest first. */
  private open = NOTHING
  /** Those with a marker in flight, in the order of the markers. */
  private readonly ending: PartitionTransaction[] = []
  private oldest: PartitionTransaction | null = null

  get size(): number {
    return this.open.size
  }

  /** Infinity when there is none, as for the next. */
  get firstUnstableOffset(): number {
    return this.oldest === null ? Number.POSITIVE_INFINITY : this.oldest.firstOffset
  }

  get bytesBeforeUnstable(): number {
    return this.oldest === null ? Number.POSITIVE_INFINITY : this.oldest.bytesBefore
  }

  isOpen(producerId: number): boolean {
    return this.open.size > 0 && this.open.has(producerId)
  }

  /** -1 when the producer has no open transaction here. */
  firstOffsetOf(producerId: number): number {
    return this.open.get(producerId)?.firstOffset ?? -1
  }

  begin(producerId: number, start: { readonly firstOffset: number; readonly bytesBefore: number }): void {
    const transaction = { producerId, ...start, endOffset: -1, aborted: false, lastStableOffset: -1 }
    if (this.unstable === NOTHING) {
      this.unstable = new Map()
      this.open = new Map()
    }
    this.unstable.set(transaction.firstOffset, transaction)
    this.open.set(producerId, transaction)
    this.oldest ??= transaction
  }

  /** Quiet when nothing is open: a producer may end a transaction that wrote nothing here. */
  end(producerId: number, marker: { readonly offset: number; readonly commit: boolean }): void {
    const transaction = this.open.get(producerId)
    if (transaction === undefined) return
    this.open.delete(producerId)
    const [next] = this.open.values()
    transaction.endOffset = marker.offset
    transaction.aborted = !marker.commit
    transaction.lastStableOffset = next?.firstOffset ?? marker.offset + 1
    this.ending.push(transaction)
  }

  /** Everything below `endOffset` is written. Returns the transactions that are over by that, in marker order. */
  written(endOffset: number): readonly PartitionTransaction[] {
    const { ending } = this
    if (ending.length === 0 || (ending[0] as PartitionTransaction).endOffset >= endOffset) return NONE
    const behind = ending.findIndex((transaction) => transaction.endOffset >= endOffset)
    const over = ending.splice(0, behind < 0 ? ending.length : behind)
    for (const { firstOffset } of over) this.unstable.delete(firstOffset)
    this.findOldest()
    return over
  }

  /** Nothing at or past `endOffset` was written. */
  rollback(endOffset: number): void {
    for (const transaction of this.unstable.values()) {
      if (transaction.firstOffset >= endOffset) this.unstable.delete(transaction.firstOffset)
      else if (transaction.endOffset >= endOffset) transaction.endOffset = -1
    }
    this.open.clear()
    this.ending.length = 0
    for (const transaction of this.unstable.values()) {
      if (transaction.endOffset < 0) this.open.set(transaction.producerId, transaction)
      else this.ending.push(transaction)
    }
    this.ending.sort((a, b) => a.endOffset - b.endOffset)
    this.findOldest()
  }

  /** First offsets by producer of what was open when the log ended at `offset`. */
  openAt(offset: number): Map<number, number> {
    const result = new Map<number, number>()
    for (const { producerId, firstOffset, endOffset } of this.unstable.values()) {
      if (firstOffset < offset && (endOffset < 0 || endOffset >= offset)) result.set(producerId, firstOffset)
    }
    return result
  }

  private findOldest(): void {
    const [oldest] = this.unstable.values()
    this.oldest = oldest ?? null
  }
}
