import { assert } from '../base/assert.js'
import { AdvanceList, type AdvanceListener } from './advance-listener.js'
import { Flight } from './flight.js'
import { OpenTransactions } from './open-transactions.js'

/**
 * The offsets of one log and everything that waits for them to move.
 *
 *   logStartOffset <= lastStableOffset <= highWatermark = logEndOffset <= nextOffset
 *
 * `nextOffset` is sequenced: the next append gets it. `logEndOffset` is written. With one replica the high
 * watermark is the written end. The last stable offset stands before the first batch of the oldest transaction that
 * is not over, and a transaction is over when its marker is written.
 *
 * Between submission and writing a batch is in flight; its byte size waits here, so that listeners can count. Those
 * who read committed records only are told of the bytes that became stable.
 */
export class Watermarks {
  logStartOffset: number
  logEndOffset: number
  nextOffset: number
  /** Bytes submitted since the log was opened. */
  submittedBytes = 0
  private writtenBytes = 0
  private stableBytes = 0
  private readonly listeners = new AdvanceList()
  private readonly stableListeners = new AdvanceList()
  private readonly flight = new Flight()
  private readonly waits = new Waits()

  constructor(
    offsets: { readonly logStartOffset: number; readonly logEndOffset: number },
    private readonly transactions = new OpenTransactions(),
  ) {
    this.logStartOffset = offsets.logStartOffset
    this.logEndOffset = offsets.logEndOffset
    this.nextOffset = offsets.logEndOffset
  }

  get highWatermark(): number {
    return this.logEndOffset
  }

  get lastStableOffset(): number {
    // Deleting records can take the beginning of an open transaction away.
    const unstable = Math.max(this.transactions.firstUnstableOffset, this.logStartOffset)
    return Math.min(unstable, this.logEndOffset)
  }

  get inFlight(): boolean {
    return this.nextOffset > this.logEndOffset
  }

  listen(listener: AdvanceListener): void {
    this.listeners.add(listener)
  }

  /** The same for one who reads up to the last stable offset. */
  listenStable(listener: AdvanceListener): void {
    this.countStable()
    this.stableListeners.add(listener)
  }

  submitted(batch: { readonly endOffset: number; readonly bytes: number }): void {
    assert(batch.endOffset > this.nextOffset, 'offsets grow with every append')
    this.nextOffset = batch.endOffset
    this.submittedBytes += batch.bytes
    this.flight.push(batch.endOffset, batch.bytes)
  }

  /** Everything below `endOffset` is written. The transactions that are over by that were ended before. */
  written(endOffset: number): void {
    if (endOffset <= this.logEndOffset) return
    assert(endOffset <= this.nextOffset, 'no more is written than was submitted')
    this.logEndOffset = endOffset
    const bytes = this.flight.takeUpTo(endOffset)
    this.waits.resolveUpTo(endOffset)
    this.writtenBytes += bytes
    this.listeners.notify(bytes)
    const gained = this.countStable()
    if (gained > 0) this.stableListeners.notify(gained)
  }

  /** The log kept nothing past `endOffset`; every wait beyond it is rejected. */
  failed(endOffset: number, error: Error): void {
    this.written(endOffset)
    this.flight.clear()
    this.nextOffset = this.logEndOffset
    this.submittedBytes = this.writtenBytes
    this.waits.rejectAll(error)
  }

  /** Resolves once everything below `endOffset` is written. The caller handles the rejection. */
  whenWritten(endOffset: number): Promise<void> {
    if (endOffset <= this.logEndOffset) return Promise.resolve()
    return this.waits.add(endOffset)
  }

  /** Wakes whoever waits for records: nothing more will be added here. The error is made when somebody is told it. */
  interrupt(errorOf: () => Error): void {
    if (!this.waits.empty) this.waits.rejectAll(errorOf())
    this.listeners.notify(Number.POSITIVE_INFINITY)
    this.stableListeners.notify(Number.POSITIVE_INFINITY)
  }

  /** Bytes that became stable since the last call; Infinity when some of them are from an earlier run. */
  private countStable(): number {
    const stable = Math.min(this.writtenBytes, this.transactions.bytesBeforeUnstable)
    const before = this.stableBytes
    this.stableBytes = stable
    return stable === before ? 0 : stable - before
  }
}

interface Wait {
  readonly endOffset: number
  resolve(): void
  reject(error: Error): void
}

/** Promises by end offset, ascending; the newest nearly always belongs at the end. */
class Waits {
  private list: Wait[] = []

  get empty(): boolean {
    return this.list.length === 0
  }

  add(endOffset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let at = this.list.length
      while (at > 0 && (this.list[at - 1] as Wait).endOffset > endOffset) at--
      this.list.splice(at, 0, { endOffset, resolve, reject })
    })
  }

  resolveUpTo(endOffset: number): void {
    let count = 0
    while (count < this.list.length && (this.list[count] as Wait).endOffset <= endOffset) count++
    if (count === 0) return
    for (const wait of this.list.splice(0, count)) wait.resolve()
  }

  rejectAll(error: Error): void {
    for (const wait of this.list.splice(0)) wait.reject(error)
  }
}
