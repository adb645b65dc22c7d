import * as header from '../protocol/records/batch-header.js'
import { parseMarker } from './control-batch.js'
import type { Partition } from './partition.js'
import { lastSequenceOf } from './sequence.js'

/** What a batch of a producer, data or marker, means for the partition from the moment it has its offsets. */
export function noteProducer(
  partition: Partition,
  buffer: Buffer,
  at: number,
  facts: { producerId: number; baseOffset: number; lastOffset: number },
): void {
  const { producers, watermarks, services } = partition
  const { producerId, baseOffset, lastOffset } = facts
  const epoch = header.producerEpoch(buffer, at)
  const timestamp = header.maxTimestamp(buffer, at)
  const when = { writtenEnd: partition.logEndOffset, nowMs: services.clock.nowMs() }
  if (header.isControl(buffer, at)) {
    const marker = parseMarker(buffer, at)
    if (marker === null) return
    producers.marker(producerId, { ...marker, offset: baseOffset, epoch, timestamp }, when)
    partition.recordWork?.transactionEnded(producerId)
    return
  }
  if (header.isTransactional(buffer, at) && !producers.transactions.isOpen(producerId)) {
    const start = { firstOffset: baseOffset, bytesBefore: watermarks.submittedBytes }
    producers.transactions.begin(producerId, start)
  }
  const firstSequence = header.baseSequence(buffer, at)
  const lastSequence = lastSequenceOf(firstSequence, lastOffset - baseOffset)
  const batch = { epoch, firstSequence, lastSequence, baseOffset, lastOffset, timestamp }
  producers.sequenced(producerId, batch, when)
}
