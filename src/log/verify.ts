import { FrameVerdict, Inspection } from '../native/engine.js'
import { ErrorCode } from '../protocol/errors.js'
import * as header from '../protocol/records/batch-header.js'
import type { Partition } from './partition.js'
import { CodecId } from './records-codec.js'

/** Where a client's batch stands in the slab, and what the reactor found in the frame's batches. */
export interface ProducedBatch {
  position: number
  length: number
  frame: number
  verdict: number
}

export interface Refusal {
  errorCode: ErrorCode
  errorMessage: string | null
}

interface ProduceVersion {
  readonly apiVersion: number
  readonly transactionalId: string | null
}

/** Size of the length field's smallest legal value: what even the oldest format needs. */
const RECORD_OVERHEAD_MIN = 14
/** Bytes up to and including the magic. */
const MAGIC_END = 17
const ZSTD_SINCE = 7

/**
 * The checks of a client's append that need only the batch header, in Kafka's order: exactly one batch, magic 2,
 * codec allowed in this version, base offset 0, size, CRC, offset range and count, no control batch, a sequence.
 * True when the batch passed; else `refusal` says why.
 */
export function verifyBatch(
  partition: Partition,
  batch: ProducedBatch,
  request: ProduceVersion,
  refusal: Refusal,
): boolean {
  const { config, name } = partition
  const { engine } = partition.services
  const { slab } = engine
  const at = batch.position
  const verified = batch.verdict === FrameVerdict.Verified && batch.length >= header.BATCH_HEADER_SIZE
  if (!verified && !verifyShape(slab, batch, request.apiVersion, refusal)) return false
  const codec = header.codecId(slab, at)
  if (codec > CodecId.zstd) {
    return refuse(refusal, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, `Unknown compression type id: ${codec}`)
  }
  if (codec === CodecId.zstd && request.apiVersion < ZSTD_SINCE) {
    const message = `Produce requests with version ${request.apiVersion} are not allowed to use ZStandard compression`
    return refuse(refusal, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, message)
  }
  const baseOffset = header.baseOffset(slab, at)
  if (baseOffset !== 0) {
    const message = `The baseOffset of the record batch in the append to ${name} should be 0, but it is ${baseOffset}`
    return refuse(refusal, ErrorCode.INVALID_RECORD, message)
  }
  if (batch.length > config.maxMessageBytes) {
    const message =
      `The record batch size in the append to ${name} is ${batch.length} bytes ` +
      `which exceeds the maximum configured value of ${config.maxMessageBytes}.`
    return refuse(refusal, ErrorCode.MESSAGE_TOO_LARGE, message)
  }
  if (!verified && engine.inspect(at, batch.length) !== Inspection.Valid) {
    return refuse(refusal, ErrorCode.CORRUPT_MESSAGE, `Record is corrupt in topic partition ${name}.`)
  }
  return verifyContent(slab, at, request, refusal) && verifySegment(slab, at, partition, refusal)
}

/** Exactly one whole batch of magic 2. Only for frames in which the reactor found a fault. */
function verifyShape(slab: Buffer, batch: ProducedBatch, apiVersion: number, refusal: Refusal): boolean {
  const { position: at, length } = batch
  const version = `Produce requests with version ${apiVersion}`
  const none = `${version} must have at least one record batch per partition`
  if (length < MAGIC_END) return refuse(refusal, ErrorCode.INVALID_RECORD, none)
  const size = header.batchLength(slab, at)
  if (size < RECORD_OVERHEAD_MIN) {
    const message = `Record size ${size} is less than the minimum record overhead (${RECORD_OVERHEAD_MIN})`
    return refuse(refusal, ErrorCode.CORRUPT_MESSAGE, message)
  }
  const magic = header.magic(slab, at)
  if (magic < 0 || magic > header.BATCH_MAGIC) {
    return refuse(refusal, ErrorCode.CORRUPT_MESSAGE, `Invalid magic found in record: ${magic}`)
  }
  const total = size + header.BATCH_LENGTH_OVERHEAD
  if (total > length) return refuse(refusal, ErrorCode.INVALID_RECORD, none)
  if (magic !== header.BATCH_MAGIC) {
    const message = `${version} are only allowed to contain record batches with magic version 2`
    return refuse(refusal, ErrorCode.INVALID_RECORD, message)
  }
  if (total < length) {
    const message = `${version} are only allowed to contain exactly one record batch per partition`
    return refuse(refusal, ErrorCode.INVALID_RECORD, message)
  }
  if (total < header.BATCH_HEADER_SIZE) {
    const message = `Record batch is corrupted (the size ${total} is smaller than the minimum allowed overhead)`
    return refuse(refusal, ErrorCode.CORRUPT_MESSAGE, message)
  }
  return true
}

function verifyContent(slab: Buffer, at: number, request: ProduceVersion, refusal: Refusal): boolean {
  const lastDelta = header.lastOffsetDelta(slab, at)
  const count = header.recordCount(slab, at)
  if (lastDelta < 0) {
    return refuse(refusal, ErrorCode.INVALID_RECORD, `Batch has an invalid offset range: [0, ${lastDelta}]`)
  }
  if (count <= 0) {
    return refuse(refusal, ErrorCode.INVALID_RECORD, `Invalid reported count for record batch: ${count}`)
  }
  if (count !== lastDelta + 1) {
    const message = `Inconsistent batch offset range [0, ${lastDelta}] and count of records ${count}`
    return refuse(refusal, ErrorCode.INVALID_RECORD, message)
  }
  const attributes = header.attributes(slab, at)
  const transactional = (attributes & header.BatchAttribute.transactional) !== 0
  // Whoever names no transactional id has no right to any.
  if (transactional && request.transactionalId === null) {
    const message = 'Transactional records need the transactional id of their producer'
    return refuse(refusal, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, message)
  }
  if ((attributes & header.BatchAttribute.control) !== 0) {
    return refuse(refusal, ErrorCode.INVALID_RECORD, 'Clients are not allowed to write control records')
  }
  const idempotent = header.hasProducer(slab, at)
  if (idempotent) {
    const sequence = header.baseSequence(slab, at)
    const epoch = header.producerEpoch(slab, at)
    if (sequence < 0) {
      const message = `Invalid sequence number ${sequence} in record batch with producerId`
      return refuse(refusal, ErrorCode.INVALID_RECORD, message)
    }
    if (epoch < 0) return refuse(refusal, ErrorCode.INVALID_PRODUCER_EPOCH, `Invalid producer epoch ${epoch}`)
  }
  if (transactional && !idempotent) {
    return refuse(refusal, ErrorCode.INVALID_RECORD, 'A transactional batch needs a producer id')
  }
  return true
}

function verifySegment(slab: Buffer, at: number, { config, name }: Partition, refusal: Refusal): boolean {
  const size = header.batchSize(slab, at)
  const { segmentBytes } = config
  if (size <= segmentBytes) return true
  const message =
    `Message batch size is ${size} bytes in append to partition ${name}, ` +
    `which exceeds the maximum configured segment size of ${segmentBytes}.`
  return refuse(refusal, ErrorCode.RECORD_LIST_TOO_LARGE, message)
}

function refuse(refusal: Refusal, code: ErrorCode, message: string): false {
  refusal.errorCode = code
  refusal.errorMessage = message
  return false
}
