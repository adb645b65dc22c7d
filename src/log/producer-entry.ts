import { PRODUCER_BATCHES_HELD_MAX, PRODUCER_BATCHES_KEPT } from './limits.js'

/** One batch as it was given its offsets. `timestamp` is the batch's largest. */
export interface SequencedBatch {
  epoch: number
  /** -1, as the last, for a batch of the broker itself. */
  firstSequence: number
  lastSequence: number
  baseOffset: number
  lastOffset: number
  timestamp: number
}

/** One transaction marker; the offset is -1 when only what it left behind is known. */
export interface SequencedMarker {
  readonly offset: number
  readonly epoch: number
  readonly coordinatorEpoch: number
  readonly timestamp: number
}

const NO_MARKERS: readonly SequencedMarker[] = []

/**
 * One producer: its epoch and its batches, oldest first, those in flight included. At least five written ones are
 * kept beside those in flight, so that a failed write can be taken back without losing what a retry may repeat. Of
 * the markers the last written one is kept. Epochs never fall, so the current one is the larger of the two ends'.
 */
export class ProducerEntry {
  epoch = -1
  lastAppendMs = 0
  readonly batches: Readonly<SequencedBatch>[] = []
  /** Most producers never see one. */
  markers: readonly SequencedMarker[] = NO_MARKERS

  get lastSequence(): number {
    const last = this.batches.at(-1)
    return last !== undefined && last.epoch === this.epoch ? last.lastSequence : -1
  }

  get lastOffset(): number {
    return Math.max(this.batches.at(-1)?.lastOffset ?? -1, this.markers.at(-1)?.offset ?? -1)
  }

  get coordinatorEpoch(): number {
    return this.markers.at(-1)?.coordinatorEpoch ?? -1
  }

  get lastTimestamp(): number {
    const batch = this.batches.at(-1)
    const marker = this.markers.at(-1)
    if (batch === undefined) return marker?.timestamp ?? -1
    return marker === undefined || marker.offset < batch.lastOffset ? batch.timestamp : marker.timestamp
  }

  get empty(): boolean {
    return this.batches.length === 0 && this.markers.length === 0
  }

  /** Takes a copy. */
  add(batch: Readonly<SequencedBatch>, writtenEnd: number): void {
    const kept = this.dropOldest(writtenEnd)
    if (kept === null) this.batches.push({ ...batch })
    else this.batches.push(copy(batch, kept))
    this.epoch = batch.epoch
  }

  mark(marker: SequencedMarker, writtenEnd: number): void {
    const inFlight = this.markers.filter(({ offset }) => offset >= writtenEnd)
    const written = this.markers.findLast(({ offset }) => offset < writtenEnd)
    this.markers = written === undefined ? [...inFlight, marker] : [written, ...inFlight, marker]
    this.epoch = Math.max(this.epoch, marker.epoch)
  }

  /** False when nothing is left of this producer. */
  rollback(endOffset: number): boolean {
    const { batches } = this
    if (this.lastOffset < endOffset) return true
    while ((batches.at(-1)?.lastOffset ?? -1) >= endOffset) batches.pop()
    this.markers = this.markers.filter(({ offset }) => offset < endOffset)
    this.epoch = Math.max(batches.at(-1)?.epoch ?? -1, this.markers.at(-1)?.epoch ?? -1)
    return !this.empty
  }

  /**
   * The oldest batch, for the next one to take its place, when five written ones are left without it; else null. A
   * producer with five batches in flight comes to hold ten and then allocates no more; what a burst left beyond
   * those is forgotten.
   */
  private dropOldest(writtenEnd: number): SequencedBatch | null {
    const { batches } = this
    let dropped: SequencedBatch | null = null
    while (batches.length > PRODUCER_BATCHES_KEPT) {
      const sixth = batches[PRODUCER_BATCHES_KEPT] as SequencedBatch
      if (sixth.lastOffset >= writtenEnd) break
      dropped = batches.shift() as SequencedBatch
      if (batches.length < PRODUCER_BATCHES_HELD_MAX) break
    }
    return dropped
  }
}

function copy(from: Readonly<SequencedBatch>, to: SequencedBatch): SequencedBatch {
  to.epoch = from.epoch
  to.firstSequence = from.firstSequence
  to.lastSequence = from.lastSequence
  to.baseOffset = from.baseOffset
  to.lastOffset = from.lastOffset
  to.timestamp = from.timestamp
  return to
}
