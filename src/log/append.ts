import { ErrorCode } from '../protocol/errors.js'
import * as header from '../protocol/records/batch-header.js'
import { AppendError } from './append-error.js'
import { type AppendOutcome, type AppendResult, refused, resetOutcome } from './append-result.js'
import { noteProducer } from './note-producer.js'
import type { Partition } from './partition.js'
import { newProducerBatch, readProducer } from './producer-batch.js'
import { needsRecordWork } from './record-checks.js'
import { RecordWork } from './record-work.js'
import { clearAppendTime, stampAppendTime, stampOffsets } from './restamp.js'
import type { TransactionVerifier } from './transaction-verifier.js'
import { addsImplicitly, needsVerification } from './verification.js'
import { type ProducedBatch, verifyBatch } from './verify.js'

export interface ProduceFacts {
  ticket: number
  acks: number
  apiVersion: number
  transactionalId: string | null
  /** Null when transactional batches are taken as they come. */
  verifier: TransactionVerifier | null
}

/** Of the batch that is being admitted; one for the whole room, for nothing waits meanwhile. */
const claim = newProducerBatch()

/**
 * One client batch, in one synchronous step: role, replicas, header checks, timestamp, producer sequence, offset,
 * submission. The order of appends is fixed when this returns; that they are written is another event.
 *
 * A batch whose records must be looked at, or whose transaction the coordinator must be asked about, goes to
 * `RecordWork`, and so does every batch that comes while that partition has such work waiting, for order within a
 * partition is the producer's right.
 */
export function appendProduced(
  partition: Partition,
  batch: ProducedBatch,
  request: ProduceFacts,
  out: AppendOutcome,
): void {
  resetOutcome(out)
  const { config, services } = partition
  if (!partition.writable) {
    setError(out, ErrorCode.KAFKA_STORAGE_ERROR, `The log of ${partition.name} is not writable`)
    return
  }
  if (request.acks === -1 && config.minInsyncReplicas > 1) {
    const message =
      `The size of the current ISR 1 is insufficient to satisfy the min.isr requirement of ` +
      `${config.minInsyncReplicas} for partition ${partition.name}`
    setError(out, ErrorCode.NOT_ENOUGH_REPLICAS, message)
    return
  }
  if (!verifyBatch(partition, batch, request, out)) return
  const { slab } = services.engine
  const nowMs = services.clock.nowMs()
  const verified = needsVerification(partition, slab, batch.position, request)
  if (verified || partition.recordWork !== null || needsRecordWork(slab, batch.position, config, nowMs)) {
    partition.recordWork ??= new RecordWork(partition)
    out.deferred = partition.recordWork.append(slab, batch, request)
    return
  }
  if (!stampTime(partition, slab, batch.position, out)) return
  if (!admit(partition, slab, batch.position, request, out)) return
  claim.appendedMs = nowMs
  const endOffset = sequence(partition, slab, batch.position, out)
  services.engine.append(
    partition.log,
    batch.frame,
    batch.position,
    batch.length,
    out.baseOffset,
    endOffset,
    header.maxTimestamp(slab, batch.position),
    endOffset - out.baseOffset,
    request.ticket,
  )
  out.submitted = true
}

/**
 * One batch of the broker's own (coordinators, metadata), magic 2 and whole. Its offsets are stamped in place and
 * the bytes are copied by the engine. The order is fixed at the call; the promise resolves when it is written and
 * rejects with an `AppendError`.
 */
export async function appendRecords(
  partition: Partition,
  batch: Buffer,
): Promise<{ baseOffset: number; endOffset: number }> {
  if (!partition.writable) {
    throw new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, `The log of ${partition.name} is not writable`)
  }
  if (batch.length > partition.config.segmentBytes) {
    throw new AppendError(
      ErrorCode.RECORD_LIST_TOO_LARGE,
      `A batch of ${batch.length} bytes exceeds a segment`,
    )
  }
  const producerId = header.producerId(batch, 0)
  if (producerId >= 0 && header.producerEpoch(batch, 0) < partition.producers.epochOf(producerId)) {
    throw new AppendError(ErrorCode.INVALID_PRODUCER_EPOCH, `The epoch of producer ${producerId} has passed`)
  }
  const baseOffset = partition.watermarks.nextOffset
  const endOffset = submitBytes(partition, batch)
  await partition.watermarks.whenWritten(endOffset)
  return { baseOffset, endOffset }
}

/**
 * Stamps and submits a batch in a buffer of its own, and notes its producer. The ticket is answered inside the
 * room: whoever waits does so for the offset.
 */
export function submitBytes(partition: Partition, batch: Buffer): number {
  const { engine, tickets } = partition.services
  const baseOffset = partition.watermarks.nextOffset
  const endOffset = sequence(partition, batch, 0, null)
  const ticket = tickets.next()
  const maxTimestamp = header.maxTimestamp(batch, 0)
  const recordCount = header.recordCount(batch, 0)
  engine.appendBytes(partition.log, batch, { baseOffset, endOffset, maxTimestamp, recordCount, ticket })
  tickets.settle(engine, { ticket, appendCount: 1 })
  return endOffset
}

/** The timestamp type the topic asks for. False when the client claimed the broker's. */
export function stampTime(partition: Partition, buffer: Buffer, at: number, out: AppendResult): boolean {
  const claimed = header.hasLogAppendTime(buffer, at)
  if (partition.config.messageTimestampType !== 'LogAppendTime') {
    if (claimed) clearAppendTime(buffer, at)
    return true
  }
  if (claimed) {
    const message = 'Producer should not set timestamp type to LogAppendTime.'
    setError(out, ErrorCode.INVALID_TIMESTAMP, `Invalid timestamp type in message. ${message}`)
    out.logStartOffset = partition.logStartOffset
    return false
  }
  out.logAppendTimeMs = partition.services.clock.nowMs()
  stampAppendTime(buffer, at, out.logAppendTimeMs)
  return true
}

/**
 * The checks of sequence and transaction. False when the batch must not be appended; `out` then holds the whole
 * answer. `verified`: the coordinator knows the batch's transaction, and no marker has ended it since it was asked.
 */
export function admit(
  partition: Partition,
  buffer: Buffer,
  at: number,
  request: ProduceFacts,
  out: AppendOutcome,
  verified = false,
): boolean {
  if (!header.hasProducer(buffer, at)) return true
  readProducer(buffer, at, claim)
  const code = checkSequence(partition, request)
  // What is next in sequence repeats nothing.
  const original = code === ErrorCode.NONE ? null : partition.producers.duplicateOf(claim)
  if (original === null) {
    if (!verified && needsVerification(partition, buffer, at, request)) {
      setError(out, ErrorCode.INVALID_TXN_STATE, 'Record was not part of an ongoing transaction')
      return false
    }
    return admitNew(partition, code, out)
  }
  out.baseOffset = original.baseOffset
  out.logAppendTimeMs = original.timestamp
  out.logStartOffset = partition.logStartOffset
  if (original.lastOffset >= partition.logEndOffset)
    out.deferred = afterOriginal(partition, out, original.lastOffset)
  return false
}

function checkSequence({ producers }: Partition, { apiVersion }: ProduceFacts): ErrorCode {
  // Where the broker adds the partition, state of a producer that is not there never was.
  const late = claim.transactional && addsImplicitly(apiVersion) && claim.firstSequence !== 0
  return late && !producers.knows(claim.producerId)
    ? ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    : producers.check(claim)
}

function admitNew(partition: Partition, code: ErrorCode, out: AppendOutcome): boolean {
  const { producers } = partition
  if (code === ErrorCode.NONE) {
    if (claim.transactional || !producers.transactions.isOpen(claim.producerId)) return true
    const message = `Expected transactional write from producer ${claim.producerId} in ${partition.name}`
    setError(out, ErrorCode.INVALID_TXN_STATE, message)
    return false
  }
  const message =
    code === ErrorCode.INVALID_PRODUCER_EPOCH
      ? `Epoch of producer ${claim.producerId} in ${partition.name} is ${claim.epoch}, ` +
        'which is smaller than the last seen epoch'
      : `Out of order sequence number for producer ${claim.producerId} in partition ${partition.name}: ` +
        `${claim.firstSequence} (incoming seq. number), ` +
        `${producers.lastSequence(claim.producerId)} (current end sequence number)`
  setError(out, code, message)
  return false
}

/** A retry may not be told of success before the batch it repeats is written. */
function afterOriginal(partition: Partition, out: AppendResult, lastOffset: number): Promise<AppendResult> {
  const { errorCode, errorMessage, recordErrors, baseOffset, logAppendTimeMs, logStartOffset } = out
  const answer = { errorCode, errorMessage, recordErrors, baseOffset, logAppendTimeMs, logStartOffset }
  return partition.watermarks.whenWritten(lastOffset + 1).then(
    () => answer,
    () => refused(ErrorCode.KAFKA_STORAGE_ERROR, `The log of ${partition.name} failed`),
  )
}

/** Takes the next offsets, stamps them and notes the producer's batch. Returns the end offset. */
function sequence(partition: Partition, buffer: Buffer, at: number, out: AppendResult | null): number {
  const { watermarks, leaderEpoch } = partition
  const baseOffset = watermarks.nextOffset
  const lastDelta = header.lastOffsetDelta(buffer, at)
  const endOffset = baseOffset + lastDelta + 1
  stampOffsets(buffer, at, { baseOffset, leaderEpoch })
  if (header.hasProducer(buffer, at)) {
    // A buffer of its own was admitted earlier, or never, being the broker's.
    if (out === null) {
      readProducer(buffer, at, claim)
      claim.appendedMs = partition.services.clock.nowMs()
    }
    claim.baseOffset = baseOffset
    claim.lastOffset = endOffset - 1
    noteProducer(partition, buffer, at, claim)
  }
  watermarks.submitted({ endOffset, bytes: header.batchSize(buffer, at) })
  if (out !== null) {
    out.baseOffset = baseOffset
    out.logStartOffset = watermarks.logStartOffset
  }
  return endOffset
}

function setError(out: AppendResult, code: ErrorCode, message: string): void {
  out.errorCode = code
  out.errorMessage = message
}
