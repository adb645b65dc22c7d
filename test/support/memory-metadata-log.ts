import type { MetadataLog } from '../../src/cluster/metadata-store.js'
import { recordCount } from '../../src/protocol/records/batch-header.js'

/** A metadata log in memory. `failNext` makes the next append fail as a full disk would. */
export class MemoryMetadataLog implements MetadataLog {
  readonly logStartOffset = 0
  logEndOffset = 0
  failNext = false
  readonly batches: Buffer[] = []

  async appendRecords(batch: Buffer): Promise<{ baseOffset: number; endOffset: number }> {
    if (this.failNext) {
      this.failNext = false
      throw new Error('ENOSPC')
    }
    const baseOffset = this.logEndOffset
    batch.writeBigInt64BE(BigInt(baseOffset))
    this.logEndOffset += recordCount(batch, 0)
    this.batches.push(batch)
    return { baseOffset, endOffset: this.logEndOffset }
  }

  async readBytes(offset: number): Promise<Buffer> {
    return Buffer.concat(this.batches.filter((batch) => Number(batch.readBigInt64BE()) >= offset).slice(0, 3))
  }
}
