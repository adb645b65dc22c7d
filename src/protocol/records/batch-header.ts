/*
 * Record batch v2 header, 61 bytes, big-endian. Every function reads one field of the batch that starts at `at`. The
 * caller has seen to it that the field is in the buffer: what lies past the end reads as 0.
 *
 *   0   baseOffset            int64   stamped by the broker
 *   8   batchLength           int32   bytes after this field: the size of the batch minus 12
 *   12  partitionLeaderEpoch  int32   stamped by the broker
 *   16  magic                 int8    2
 *   17  crc                   uint32  CRC-32C of everything from attributes on
 *   21  attributes            int16   bits 0-2 codec, 3 log-append time, 4 transactional, 5 control,
 *                                     6 baseTimestamp is a delete horizon
 *   23  lastOffsetDelta       int32   kept by compaction, so it may exceed recordCount - 1
 *   27  baseTimestamp         int64   -1 when the batch was emptied
 *   35  maxTimestamp          int64
 *   43  producerId            int64   -1 none
 *   51  producerEpoch         int16   -1 none
 *   53  baseSequence          int32   -1 none
 *   57  recordCount           int32
 *   61  records                       one compressed stream when the codec is not 0
 */
export const BatchField = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const

export const BATCH_HEADER_SIZE = BatchField.records

/** Bytes before those that `batchLength` counts. */
export const BATCH_LENGTH_OVERHEAD = BatchField.leaderEpoch

export const BATCH_MAGIC = 2

export const BatchAttribute = {
  codecMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const

export const baseOffset = (buffer: Buffer, at: number): number =>
  readInt64(buffer, at + BatchField.baseOffset)
export const batchLength = (buffer: Buffer, at: number): number =>
  readInt32(buffer, at + BatchField.batchLength)
export const leaderEpoch = (buffer: Buffer, at: number): number =>
  readInt32(buffer, at + BatchField.leaderEpoch)
export const magic = (buffer: Buffer, at: number): number => buffer.readInt8(at + BatchField.magic)
export const crc = (buffer: Buffer, at: number): number => readInt32(buffer, at + BatchField.crc) >>> 0
export const attributes = (buffer: Buffer, at: number): number =>
  readInt16(buffer, at + BatchField.attributes)
export const lastOffsetDelta = (buffer: Buffer, at: number): number =>
  readInt32(buffer, at + BatchField.lastOffsetDelta)
export const baseTimestamp = (buffer: Buffer, at: number): number =>
  readInt64(buffer, at + BatchField.baseTimestamp)
export const maxTimestamp = (buffer: Buffer, at: number): number =>
  readInt64(buffer, at + BatchField.maxTimestamp)
export const producerId = (buffer: Buffer, at: number): number =>
  readInt64(buffer, at + BatchField.producerId)
export const producerEpoch = (buffer: Buffer, at: number): number =>
  readInt16(buffer, at + BatchField.producerEpoch)
export const baseSequence = (buffer: Buffer, at: number): number =>
  readInt32(buffer, at + BatchField.baseSequence)
export const recordCount = (buffer: Buffer, at: number): number =>
  readInt32(buffer, at + BatchField.recordCount)

/** Whether the batch is idempotent. */
export const hasProducer = (buffer: Buffer, at: number): boolean =>
  (buffer[at + BatchField.producerId] as number) < 0x80
/** Size of the whole batch. */
export const batchSize = (buffer: Buffer, at: number): number =>
  batchLength(buffer, at) + BATCH_LENGTH_OVERHEAD
export const lastOffset = (buffer: Buffer, at: number): number =>
  baseOffset(buffer, at) + lastOffsetDelta(buffer, at)
export const codecId = (buffer: Buffer, at: number): number =>
  attributes(buffer, at) & BatchAttribute.codecMask
export const isTransactional = (buffer: Buffer, at: number): boolean =>
  (attributes(buffer, at) & BatchAttribute.transactional) !== 0
export const isControl = (buffer: Buffer, at: number): boolean =>
  (attributes(buffer, at) & BatchAttribute.control) !== 0
export const hasLogAppendTime = (buffer: Buffer, at: number): boolean =>
  (attributes(buffer, at) & BatchAttribute.logAppendTime) !== 0

/** Where the batch ends when it lies wholly before `end`, else -1: a fetch may cut the last batch short. */
export function batchEnd(buffer: Buffer, at: number, end: number): number {
  if (end - at < BATCH_HEADER_SIZE) return -1
  const size = batchSize(buffer, at)
  return size >= BATCH_HEADER_SIZE && size <= end - at ? at + size : -1
}

/**
 * Header fields have no way to refuse, so an int64 outside the safe range is clamped to it; a value that far off
 * fails every check that follows (offset, timestamp window, known producer).
 */
function readInt64(buffer: Buffer, at: number): number {
  const value = readInt32(buffer, at) * 2 ** 32 + (readInt32(buffer, at + 4) >>> 0)
  if (Number.isSafeInteger(value)) return value
  return value < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
}

/** Plain byte reads, for a dozen of Buffer's own in one append are too many for the compiler to take in. */
function readInt32(buffer: Buffer, at: number): number {
  return (
    ((buffer[at] as number) << 24) |
    ((buffer[at + 1] as number) << 16) |
    ((buffer[at + 2] as number) << 8) |
    (buffer[at + 3] as number)
  )
}

function readInt16(buffer: Buffer, at: number): number {
  return (((buffer[at] as number) << 24) >> 16) | (buffer[at + 1] as number)
}
