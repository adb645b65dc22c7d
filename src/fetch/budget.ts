import { SLICES_PER_ANSWER_MAX } from './limits.js'

/**
 * Bytes one answer may still take. The first batch of the answer may exceed every limit, so that a consumer whose
 * limits are smaller than a batch still moves.
 */
export class FetchBudget {
  private left: number
  private slicesLeft: number
  private nothingYet = true

  constructor(bytesMax: number, slicesMax = SLICES_PER_ANSWER_MAX) {
    this.left = Math.max(bytesMax, 0)
    this.slicesLeft = slicesMax
  }

  get atLeastOneBatch(): boolean {
    return this.nothingYet
  }

  partitionBytesMax(wanted: number): number {
    return Math.min(Math.max(wanted, 0), this.left)
  }

  spend(bytes: number): void {
    if (bytes <= 0) return
    this.nothingYet = false
    this.left = Math.max(this.left - bytes, 0)
    if (--this.slicesLeft === 0) this.left = 0
  }
}
