/**
 * Bytes one answer may still take. The first batch of the answer may exceed every limit, so that a consumer whose
 * limits are smaller than a batch still moves.
 */
export class FetchBudget {
  private left: number
  private nothingYet = true

  constructor(bytesMax: number) {
    this.left = Math.max(bytesMax, 0)
  }

  get atLeastOneBatch(): boolean {
    return this.nothingYet
  }

  partitionBytesMax(wanted: number): number {
    return Math.min(Math.max(wanted, 0), this.left)
  }

  spend(bytes: number): void {
    if (bytes > 0) this.nothingYet = false
    this.left = Math.max(this.left - bytes, 0)
  }
}
