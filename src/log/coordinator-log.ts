import type { Partition } from './partition.js'

/** A partition as a replicated state machine sees it: append a batch, read everything back. */
export interface PartitionLog {
  readonly startOffset: number
  readonly endOffset: number
  append(batch: Buffer): Promise<{ baseOffset: number; endOffset: number }>
  read(offset: number, maxBytes: number): Promise<Buffer>
}

export function coordinatorLog(partition: Partition): PartitionLog {
  return {
    get startOffset() {
      return partition.logStartOffset
    },
    get endOffset() {
      return partition.highWatermark
    },
    append: (batch) => partition.appendRecords(batch),
    read: (offset, maxBytes) => partition.readBytes(offset, maxBytes),
  }
}
