import type { Clock } from '../base/clock.js'
import { ErrorCode } from '../protocol/errors.js'
import { PRODUCER_BATCHES_KEPT, PRODUCERS_MAX } from './limits.js'
import { OpenTransactions } from './open-transactions.js'
import type { ProducerBatch } from './producer-batch.js'
import { ProducerEntry, type SequencedBatch, type SequencedMarker } from './producer-entry.js'
import type { SnapshotEntry } from './producer-snapshot.js'
import { loadEntries, snapshotEntries } from './producer-state-snapshot.js'
import { isNextSequence } from './sequence.js'

type Claim = Readonly<ProducerBatch>

/** Of all partitions that never had a producer with an id; nothing is ever put in. */
const NO_ENTRIES = new Map<number, ProducerEntry>()

/**
 * The producers of one partition: which batch each may send next, the last five of each, so that a retry is
 * answered with what it was given first, and the transactions they have open here.
 *
 * State is taken when a batch is sequenced, before it is written. A batch counts as committed once the log's
 * written end has passed it; `rollback` removes those that were not, which restores what was committed.
 *
 * A producer nobody remembers may begin with any sequence: its state may have expired, and refusing would strand
 * an honest client that waited too long.
 */
export class ProducerState {
  readonly transactions = new OpenTransactions()
  private entries = NO_ENTRIES
  /** The one asked for last, who is mostly the one asked for next. */
  private latestId = -1
  private latest: ProducerEntry | undefined

  constructor(
    private readonly clock: Clock,
    private readonly producersMax = PRODUCERS_MAX,
  ) {}

  get size(): number {
    return this.entries.size
  }

  all(): Iterable<[number, ProducerEntry]> {
    return this.entries
  }

  /** The batch this claim repeats, if it is among the last five of the producer's current epoch. */
  duplicateOf(claim: Claim): Readonly<SequencedBatch> | null {
    const entry = this.find(claim.producerId)
    if (entry === undefined || entry.epoch !== claim.epoch) return null
    const { batches } = entry
    const oldest = Math.max(0, batches.length - PRODUCER_BATCHES_KEPT)
    for (let i = batches.length - 1; i >= oldest; i--) {
      const batch = batches[i] as SequencedBatch
      if (batch.epoch !== claim.epoch) return null
      if (batch.firstSequence === claim.firstSequence && batch.lastSequence === claim.lastSequence)
        return batch
    }
    return null
  }

  /** NONE, INVALID_PRODUCER_EPOCH or OUT_OF_ORDER_SEQUENCE_NUMBER. Ask for duplicates first. */
  check(claim: Claim): ErrorCode {
    const entry = this.find(claim.producerId)
    if (entry === undefined) return ErrorCode.NONE
    if (claim.epoch < entry.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
    const last = claim.epoch === entry.epoch ? entry.lastSequence : -1
    return isNextSequence(last, claim.firstSequence) ? ErrorCode.NONE : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
  }

  /**
   * NONE, INVALID_PRODUCER_EPOCH or TRANSACTION_COORDINATOR_FENCED. A marker of transaction version 2 carries an
   * epoch above that of the records it ends; the same epoch with nothing open is that marker once more.
   */
  checkMarker(marker: {
    readonly producerId: number
    readonly producerEpoch: number
    readonly coordinatorEpoch: number
    readonly transactionVersion: number
  }): ErrorCode {
    const entry = this.entries.get(marker.producerId)
    if (entry === undefined) return ErrorCode.NONE
    const stale =
      marker.transactionVersion >= 2 && this.transactions.isOpen(marker.producerId)
        ? marker.producerEpoch <= entry.epoch
        : marker.producerEpoch < entry.epoch
    if (stale) return ErrorCode.INVALID_PRODUCER_EPOCH
    const fenced = marker.coordinatorEpoch < entry.coordinatorEpoch
    return fenced ? ErrorCode.TRANSACTION_COORDINATOR_FENCED : ErrorCode.NONE
  }

  knows(producerId: number): boolean {
    return this.entries.has(producerId)
  }

  /** -1 for an unknown producer. */
  epochOf(producerId: number): number {
    return this.entries.get(producerId)?.epoch ?? -1
  }

  /** A transaction that was begun in this very epoch. */
  hasOpenTransaction(producerId: number, epoch: number): boolean {
    return this.transactions.isOpen(producerId) && this.epochOf(producerId) === epoch
  }

  /** The sequence the producer is expected to send next, for the error message. */
  lastSequence(producerId: number): number {
    return this.entries.get(producerId)?.lastSequence ?? -1
  }

  /** The batch has its offsets. It is copied. */
  sequenced(batch: Claim, writtenEnd: number): void {
    const entry = this.entry(batch.producerId)
    entry.lastAppendMs = batch.appendedMs
    entry.add(batch, writtenEnd)
  }

  /** A transaction marker: it ends the transaction and can raise the producer's epoch, which ends its sequences. */
  marker(
    producerId: number,
    marker: SequencedMarker & { readonly commit: boolean },
    writtenEnd: number,
  ): void {
    const { offset, epoch, coordinatorEpoch, timestamp, commit } = marker
    const entry = this.entry(producerId)
    entry.lastAppendMs = this.clock.nowMs()
    entry.mark({ offset, epoch, coordinatorEpoch, timestamp }, writtenEnd)
    this.transactions.end(producerId, { offset, commit })
  }

  /** Forgets everything at or past `endOffset`, and producers that had nothing else. */
  rollback(endOffset: number): void {
    this.transactions.rollback(endOffset)
    for (const [producerId, entry] of this.entries) {
      if (!entry.rollback(endOffset)) this.forget(producerId)
    }
  }

  /** Forgets producers that sent nothing for `expirationMs`; returns how many. */
  expire(limits: { expirationMs: number; writtenEnd: number }): number {
    const nowMs = this.clock.nowMs()
    let count = 0
    for (const [producerId, entry] of this.entries) {
      const idle = nowMs - entry.lastAppendMs >= limits.expirationMs
      if (!idle || entry.lastOffset >= limits.writtenEnd || this.transactions.isOpen(producerId)) continue
      this.forget(producerId)
      count++
    }
    return count
  }

  clear(): void {
    this.entries.clear()
    this.forgetLatest()
  }

  /** Everything below `offset`; see `snapshotEntries`. */
  snapshot(offset: number): SnapshotEntry[] {
    return snapshotEntries(this.entries, { offset, open: this.transactions.openAt(offset) })
  }

  /** Idle time starts anew at loading, so that a long stop does not forget everybody at once. */
  load(stored: readonly SnapshotEntry[]): void {
    const nowMs = this.clock.nowMs()
    loadEntries(stored, (producerId) => {
      const entry = this.entry(producerId)
      entry.lastAppendMs = nowMs
      return entry
    })
    const begun = new Map(stored.map((entry) => [entry.producerId, entry.currentTxnFirstOffset]))
    const oldestFirst = [...begun].filter(([, offset]) => offset >= 0).sort((a, b) => a[1] - b[1])
    for (const [producerId, firstOffset] of oldestFirst) {
      this.transactions.begin(producerId, { firstOffset, bytesBefore: Number.NEGATIVE_INFINITY })
    }
  }

  private find(producerId: number): ProducerEntry | undefined {
    if (producerId !== this.latestId) {
      this.latest = this.entries.get(producerId)
      this.latestId = producerId
    }
    return this.latest
  }

  private forget(producerId: number): void {
    this.entries.delete(producerId)
    this.forgetLatest()
  }

  private forgetLatest(): void {
    this.latestId = -1
    this.latest = undefined
  }

  private entry(producerId: number): ProducerEntry {
    const known = this.find(producerId)
    if (known !== undefined) return known
    if (this.entries.size >= this.producersMax) this.forgetOldest()
    const entry = new ProducerEntry()
    if (this.entries === NO_ENTRIES) this.entries = new Map()
    this.entries.set(producerId, entry)
    this.forgetLatest()
    return entry
  }

  /** Without an open transaction: its epoch fences whoever would write to a transaction that is over. */
  private forgetOldest(): void {
    for (const producerId of this.entries.keys()) {
      if (this.transactions.isOpen(producerId)) continue
      this.forget(producerId)
      return
    }
  }
}
