import { parseMarker } from './control-batch.js'
import type { Partition } from './partition.js'
import type { ProducerBatch } from './producer-batch.js'

/**
 * What a batch of a producer, data or marker, means for the partition from the moment it has its offsets. `batch` is
 * read from the same header; it is copied.
 */
export function noteProducer(partition: Partition, buffer: Buffer, at: number, batch: ProducerBatch): void {
  const { producers, watermarks, logEndOffset: writtenEnd } = partition
  if (batch.control) {
    const { producerId, epoch, baseOffset, timestamp } = batch
    const marker = parseMarker(buffer, at)
    if (marker === null) return
    producers.marker(producerId, { ...marker, offset: baseOffset, epoch, timestamp }, writtenEnd)
    partition.recordWork?.transactionEnded(producerId)
    return
  }
  if (batch.transactional && !producers.transactions.isOpen(batch.producerId)) {
    const start = { firstOffset: batch.baseOffset, bytesBefore: watermarks.submittedBytes }
    producers.transactions.begin(batch.producerId, start)
  }
  producers.sequenced(batch, writtenEnd)
}
