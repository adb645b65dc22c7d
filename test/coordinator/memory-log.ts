import type { CoordinatorLog } from '../../src/coordinator/state-machine.js'
import { BatchField, batchEnd, lastOffset, recordCount } from '../../src/protocol/records/batch-header.js'

interface PendingAppend {
  readonly batch: Buffer
  settle(error?: Error): void
}

/** A log in memory. Appends complete by themselves, or one by one with `complete` once `held` is set. */
export class MemoryLog implements CoordinatorLog {
  startOffset = 0
  endOffset = 0
  held = false
  refuse: Error | null = null
  readError: Error | null = null
  readonly batches: Buffer[] = []
  readonly pending: PendingAppend[] = []

  append(batch: Buffer): Promise<{ baseOffset: number; endOffset: number }> {
    if (this.refuse !== null) return Promise.reject(this.refuse)
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        if (error === undefined) resolve(this.store(batch))
        else reject(error)
      }
      if (this.held) this.pending.push({ batch, settle })
      else settle()
    })
  }

  /** Stores a batch as if some broker had written it. */
  store(batch: Buffer): { baseOffset: number; endOffset: number } {
    const baseOffset = this.endOffset
    const stored = Buffer.from(batch)
    stored.writeBigInt64BE(BigInt(baseOffset), BatchField.baseOffset)
    this.batches.push(stored)
    this.endOffset = lastOffset(stored, 0) + 1
    return { baseOffset, endOffset: this.endOffset }
  }

  complete(count = this.pending.length): void {
    for (const append of this.pending.splice(0, count)) append.settle()
  }

  fail(error = new Error('disk full')): void {
    for (const append of this.pending.splice(0)) append.settle(error)
  }

  async read(offset: number, bytesMax: number): Promise<Buffer> {
    if (this.readError !== null) throw this.readError
    const wanted = this.batches.filter((batch) => lastOffset(batch, 0) >= offset)
    const taken: Buffer[] = []
    let size = 0
    for (const batch of wanted) {
      if (taken.length > 0 && size + batch.length > bytesMax) break
      taken.push(batch)
      size += batch.length
    }
    return Buffer.concat(taken)
  }

  get recordTotal(): number {
    return this.batches.reduce((sum, batch) => sum + recordCount(batch, 0), 0)
  }

  wholeBatches(): boolean {
    return this.batches.every((batch) => batchEnd(batch, 0, batch.length) === batch.length)
  }
}

/** Lets promises and microtasks run. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) await Promise.resolve()
}
