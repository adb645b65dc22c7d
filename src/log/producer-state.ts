import { ErrorCode } from '../protocol/errors.js'
import { PRODUCER_BATCHES_KEPT, PRODUCERS_MAX } from './limits.js'
import { ProducerEntry, type SequencedBatch } from './producer-entry.js'
import type { SnapshotEntry } from './producer-snapshot.js'
import { decrementSequence, isNextSequence } from './sequence.js'

/** What a producer says about its batch. */
export interface ProducerClaim {
  readonly producerId: number
  readonly epoch: number
  readonly firstSequence: number
  readonly lastSequence: number
}

/**
 * The idempotent producers of one partition: which batch each may send next, and the last five of each, so that
 * a retry is answered with what it was given first.
 *
 * State is taken when a batch is sequenced, before it is written. A batch counts as committed once the log's
 * written end has passed it; `rollback` removes those that were not, which restores what was committed.
 *
 * A producer nobody remembers may begin with any sequence: its state may have expired, and refusing would strand
 * an honest client that waited too long.
 */
export class ProducerState {
  private readonly entries = new Map<number, ProducerEntry>()

  constructor(private readonly producersMax = PRODUCERS_MAX) {}

  get size(): number {
    return this.entries.size
  }

  /** The batch this claim repeats, if it is among the last five of the producer's current epoch. */
  duplicateOf(claim: ProducerClaim): SequencedBatch | null {
    const entry = this.entries.get(claim.producerId)
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
  check(claim: ProducerClaim): ErrorCode {
    const entry = this.entries.get(claim.producerId)
    if (entry === undefined) return ErrorCode.NONE
    if (claim.epoch < entry.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
    const last = claim.epoch === entry.epoch ? entry.lastSequence : -1
    return isNextSequence(last, claim.firstSequence) ? ErrorCode.NONE : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
  }

  /** The sequence the producer is expected to send next, for the error message. */
  lastSequence(producerId: number): number {
    return this.entries.get(producerId)?.lastSequence ?? -1
  }

  sequenced(producerId: number, batch: SequencedBatch, at: { writtenEnd: number; nowMs: number }): void {
    const entry = this.entry(producerId)
    entry.epoch = batch.epoch
    entry.lastAppendMs = at.nowMs
    entry.batches.push(batch)
    entry.trim(at.writtenEnd)
  }

  /** A transaction marker: it can raise the producer's epoch and then ends its sequences. */
  marker(producerId: number, marker: { epoch: number; nowMs: number }): void {
    const entry = this.entry(producerId)
    if (marker.epoch > entry.epoch) {
      entry.epoch = marker.epoch
      entry.batches.length = 0
    }
    entry.lastAppendMs = marker.nowMs
  }

  /** Forgets every batch that ends at or past `endOffset`, and producers that had no other. */
  rollback(endOffset: number): void {
    for (const [producerId, entry] of this.entries) {
      const had = entry.batches.length
      entry.rollback(endOffset)
      if (had > 0 && entry.batches.length === 0) this.entries.delete(producerId)
    }
  }

  /** Forgets producers that sent nothing for `expirationMs`; returns how many. */
  expire(limits: { nowMs: number; expirationMs: number; writtenEnd: number }): number {
    let count = 0
    for (const [producerId, entry] of this.entries) {
      const idle = limits.nowMs - entry.lastAppendMs >= limits.expirationMs
      if (!idle || entry.lastOffset >= limits.writtenEnd) continue
      this.entries.delete(producerId)
      count++
    }
    return count
  }

  clear(): void {
    this.entries.clear()
  }

  /** The last five batches below `offset` of every producer that has any, and producers known by a marker only. */
  snapshot(offset: number): SnapshotEntry[] {
    const entries: SnapshotEntry[] = []
    for (const [producerId, entry] of this.entries) {
      if (entry.batches.length === 0) entries.push(withoutBatch(producerId, entry))
      const below = entry.batches.filter((batch) => batch.lastOffset < offset)
      const epoch = below.at(-1)?.epoch
      const kept = below.filter((batch) => batch.epoch === epoch).slice(-PRODUCER_BATCHES_KEPT)
      for (const batch of kept) entries.push(withBatch(producerId, batch))
    }
    return entries
  }

  /** Idle time starts anew at loading, so that a long stop does not forget everybody at once. */
  load(entries: readonly SnapshotEntry[], nowMs: number): void {
    for (const stored of entries) {
      const entry = this.entry(stored.producerId)
      entry.epoch = stored.producerEpoch
      entry.lastAppendMs = nowMs
      if (stored.lastSequence < 0) continue
      entry.batches.push({
        epoch: stored.producerEpoch,
        firstSequence: decrementSequence(stored.lastSequence, stored.offsetDelta),
        lastSequence: stored.lastSequence,
        baseOffset: stored.lastOffset - stored.offsetDelta,
        lastOffset: stored.lastOffset,
        timestamp: stored.timestamp,
      })
    }
  }

  private entry(producerId: number): ProducerEntry {
    const known = this.entries.get(producerId)
    if (known !== undefined) return known
    if (this.entries.size >= this.producersMax) {
      const [oldest] = this.entries.keys()
      if (oldest !== undefined) this.entries.delete(oldest)
    }
    const entry = new ProducerEntry()
    this.entries.set(producerId, entry)
    return entry
  }
}

function withBatch(producerId: number, batch: SequencedBatch): SnapshotEntry {
  return {
    producerId,
    producerEpoch: batch.epoch,
    lastSequence: batch.lastSequence,
    lastOffset: batch.lastOffset,
    offsetDelta: batch.lastOffset - batch.baseOffset,
    timestamp: batch.timestamp,
    coordinatorEpoch: -1,
    currentTxnFirstOffset: -1,
  }
}

function withoutBatch(producerId: number, entry: ProducerEntry): SnapshotEntry {
  return {
    producerId,
    producerEpoch: entry.epoch,
    lastSequence: -1,
    lastOffset: -1,
    offsetDelta: 0,
    timestamp: entry.lastAppendMs,
    coordinatorEpoch: -1,
    currentTxnFirstOffset: -1,
  }
}
