import type { ScannedTail } from '../native/engine.js'
import * as header from '../protocol/records/batch-header.js'
import { HEADERS_PER_READ_MAX } from './limits.js'
import { abortedOf } from './open-transactions.js'
import type { Partition } from './partition.js'
import { newProducerBatch, readOffsets, readProducer } from './producer-batch.js'
import { readMarkers } from './read-markers.js'

interface Found {
  /** Files of the partition's directory. */
  readonly names: readonly string[]
  readonly clean: boolean
  /** Below it everything was on disk before the last run ended. */
  readonly trustedEnd: number
  readonly scanned: ScannedTail | null
}

/**
 * What the log itself tells about producers, transactions and leader epochs: the newest snapshot that the trusted
 * part of the log has, then every batch after it. The index of aborted transactions is made anew from there on. A
 * log without any snapshot that was stopped cleanly had no producers worth one; without a clean stop it is read from
 * the start.
 */
export async function recoverFromHeaders(partition: Partition, found: Found): Promise<void> {
  const { snapshots, producers, transactionIndex, services, logStartOffset, logEndOffset } = partition
  const damaged = await transactionIndex.load(found.names)
  // What lies below the start is gone by decree, not by accident: the snapshot made then is as good as the log was.
  const trusted = Math.max(Math.min(found.trustedEnd, damaged), logStartOffset)
  const snapshot = await snapshots.load(trusted, logEndOffset)
  if (snapshot !== null) producers.load(snapshot.entries)
  else if (found.clean && damaged > logEndOffset) return
  const start = Math.max(snapshot?.offset ?? 0, logStartOffset)
  transactionIndex.aborted.removeFrom(start)
  let offset = start
  // The engine has just read the same: of thousands of logs few have more to tell.
  if (found.scanned?.plain && found.scanned.from <= start) {
    assignEpochs(partition, found.scanned)
    offset = logEndOffset
  }
  while (offset < logEndOffset) {
    const headers = await services.engine.readHeaders(partition.log, offset, HEADERS_PER_READ_MAX)
    const next = await replay(partition, headers)
    if (next <= offset) break
    offset = next
  }
  for (const aborted of abortedOf(producers.transactions.written(logEndOffset))) {
    transactionIndex.aborted.add(aborted)
  }
  await transactionIndex.repairFrom(start, found.names)
}

/** Every batch names its epoch, so a checkpoint that is lost costs a walk over the headers and nothing else. */
export async function recoverEpochs(partition: Partition, scanned: ScannedTail | null): Promise<void> {
  const { services, log, epochs, logStartOffset, logEndOffset } = partition
  if (scanned?.plain && scanned.from <= logStartOffset) return assignEpochs(partition, scanned)
  let offset = logStartOffset
  while (offset < logEndOffset) {
    const headers = await services.engine.readHeaders(log, offset, HEADERS_PER_READ_MAX)
    let next = offset
    for (let i = 0; i + header.BATCH_HEADER_SIZE <= headers.length; i += header.BATCH_HEADER_SIZE) {
      epochs.assign(header.leaderEpoch(headers, i), Math.max(header.baseOffset(headers, i), logStartOffset))
      next = header.lastOffset(headers, i) + 1
    }
    if (next <= offset) return
    offset = next
  }
}

function assignEpochs({ epochs, logStartOffset }: Partition, scanned: ScannedTail): void {
  for (let i = 0; i + 2 <= scanned.epochs.length; i += 2) {
    epochs.assign(scanned.epochs[i] as number, Math.max(scanned.epochs[i + 1] as number, logStartOffset))
  }
}

/** Returns the offset after the last header. */
async function replay(partition: Partition, headers: Buffer): Promise<number> {
  const { producers, epochs, logEndOffset: writtenEnd } = partition
  const batch = newProducerBatch()
  batch.appendedMs = partition.services.clock.nowMs()
  const markers = await readMarkers(partition, headers)
  let next = -1
  for (let i = 0; i + header.BATCH_HEADER_SIZE <= headers.length; i += header.BATCH_HEADER_SIZE) {
    const baseOffset = header.baseOffset(headers, i)
    next = header.lastOffset(headers, i) + 1
    epochs.assign(header.leaderEpoch(headers, i), baseOffset)
    const producerId = header.producerId(headers, i)
    if (producerId < 0) continue
    if (header.isControl(headers, i)) {
      const marker = markers.get(baseOffset)
      const epoch = header.producerEpoch(headers, i)
      const timestamp = header.maxTimestamp(headers, i)
      if (marker)
        producers.marker(producerId, { ...marker, offset: baseOffset, epoch, timestamp }, writtenEnd)
      continue
    }
    const { transactions } = producers
    if (header.isTransactional(headers, i) && !transactions.isOpen(producerId)) {
      transactions.begin(producerId, { firstOffset: baseOffset, bytesBefore: Number.NEGATIVE_INFINITY })
    }
    readProducer(headers, i, batch)
    readOffsets(headers, i, batch)
    producers.sequenced(batch, writtenEnd)
  }
  return next
}
