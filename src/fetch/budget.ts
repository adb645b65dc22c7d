import { SLICES_PER_ANSWER_MAX } from './limits.js'

/**
 * Bytes one answer may still take. The first batch of the answer may exceed every limit, so that a consumer whose
 * limits are smaller than a batch still moves.
 */
export class FetchBudget {
  bytesLeft: number
  slicesLeft: number
  atLeastOneBatch = true

  constructor(bytesMax: number, slicesMax = SLICES_PER_ANSWER_MAX) {
    this.bytesLeft = Math.max(bytesMax, 0)
    this.slicesLeft = slicesMax
  }

  spend(bytes: number): void {
    if (bytes <= 0) return
    this.atLeastOneBatch = false
    this.bytesLeft = Math.max(this.bytesLeft - bytes, 0)
    if (--this.slicesLeft === 0) this.bytesLeft = 0
  }
}
