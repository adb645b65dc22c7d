import { PRODUCER_BATCHES_KEPT } from './limits.js'

/** One batch as it was given its offsets. `timestamp` is the batch's largest. */
export interface SequencedBatch {
  readonly epoch: number
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly timestamp: number
}

/**
 * One producer: its epoch and its batches, oldest first, those in flight included. Five written ones are kept
 * beside those in flight, so that a failed write can be taken back without losing what a retry may repeat.
 */
export class ProducerEntry {
  epoch = -1
  lastAppendMs = 0
  readonly batches: SequencedBatch[] = []

  get lastSequence(): number {
    const last = this.batches.at(-1)
    return last !== undefined && last.epoch === this.epoch ? last.lastSequence : -1
  }

  get lastOffset(): number {
    return this.batches.at(-1)?.lastOffset ?? -1
  }

  /** Drops the oldest while more than five written ones remain. */
  trim(writtenEnd: number): void {
    while (this.batches.length > PRODUCER_BATCHES_KEPT) {
      const sixth = this.batches[PRODUCER_BATCHES_KEPT] as SequencedBatch
      if (sixth.lastOffset >= writtenEnd) return
      this.batches.shift()
    }
  }

  rollback(endOffset: number): void {
    const { batches } = this
    const had = batches.length
    while ((batches.at(-1)?.lastOffset ?? -1) >= endOffset) batches.pop()
    const last = batches.at(-1)
    if (batches.length < had && last !== undefined) this.epoch = last.epoch
  }
}
