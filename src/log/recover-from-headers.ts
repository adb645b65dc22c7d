import * as header from '../protocol/records/batch-header.js'
import { HEADERS_PER_READ_MAX } from './limits.js'
import type { Partition } from './partition.js'
import { incrementSequence } from './sequence.js'

/**
 * What the log itself tells about producers and leader epochs: the newest snapshot, then every batch header after
 * it. A log without any snapshot that was stopped cleanly had no producers worth one; without a clean stop its
 * headers are read from the start.
 */
export async function recoverFromHeaders(partition: Partition, clean: boolean): Promise<void> {
  const { snapshots, producers, services, logStartOffset, logEndOffset } = partition
  const snapshot = await snapshots.load(logEndOffset)
  if (snapshot !== null) producers.load(snapshot.entries, services.clock.nowMs())
  else if (clean) return
  let offset = Math.max(snapshot?.offset ?? 0, logStartOffset)
  while (offset < logEndOffset) {
    const headers = await services.engine.readHeaders(partition.log, offset, HEADERS_PER_READ_MAX)
    const next = replay(partition, headers)
    if (next <= offset) return
    offset = next
  }
}

/** Returns the offset after the last header. */
function replay(partition: Partition, headers: Buffer): number {
  const { producers, epochs, logEndOffset: writtenEnd } = partition
  const nowMs = partition.services.clock.nowMs()
  let next = -1
  for (let at = 0; at + header.BATCH_HEADER_SIZE <= headers.length; at += header.BATCH_HEADER_SIZE) {
    const lastOffset = header.lastOffset(headers, at)
    next = lastOffset + 1
    epochs.assign(header.leaderEpoch(headers, at), header.baseOffset(headers, at))
    const producerId = header.producerId(headers, at)
    if (producerId < 0) continue
    const epoch = header.producerEpoch(headers, at)
    if (header.isControl(headers, at)) {
      producers.marker(producerId, { epoch, nowMs })
      continue
    }
    const firstSequence = header.baseSequence(headers, at)
    const lastSequence = incrementSequence(firstSequence, header.lastOffsetDelta(headers, at))
    const baseOffset = header.baseOffset(headers, at)
    const timestamp = header.maxTimestamp(headers, at)
    const batch = { epoch, firstSequence, lastSequence, baseOffset, lastOffset, timestamp }
    producers.sequenced(producerId, batch, { writtenEnd, nowMs })
  }
  return next
}
