import * as header from '../protocol/records/batch-header.js'
import { crc32c } from '../protocol/records/crc32c.js'

const { BatchAttribute, BatchField } = header

/** Position of the attributes' low byte, the only one with meaning. */
const ATTRIBUTES_LOW = BatchField.attributes + 1

/** Sets log-append time: the bit and the largest timestamp, which then counts for every record. */
export function stampAppendTime(buffer: Buffer, at: number, timestampMs: number): void {
  buffer[at + ATTRIBUTES_LOW] = (buffer[at + ATTRIBUTES_LOW] as number) | BatchAttribute.logAppendTime
  writeInt64(buffer, at + BatchField.maxTimestamp, timestampMs)
  restampCrc(buffer, at)
}

/** Clears a log-append bit the client set on a topic whose timestamps are the producer's. */
export function clearAppendTime(buffer: Buffer, at: number): void {
  buffer[at + ATTRIBUTES_LOW] = (buffer[at + ATTRIBUTES_LOW] as number) & ~BatchAttribute.logAppendTime
  restampCrc(buffer, at)
}

/** Base offset and leader epoch lie outside the CRC. */
export function stampOffsets(
  buffer: Buffer,
  at: number,
  stamp: { baseOffset: number; leaderEpoch: number },
): void {
  writeInt64(buffer, at + BatchField.baseOffset, stamp.baseOffset)
  writeInt32(buffer, at + BatchField.leaderEpoch, stamp.leaderEpoch)
}

/** The same batch with its records in another compression; both forms hold the same concatenated records. */
export function replaceRecords(batch: Buffer, records: Buffer, codec: number): Buffer {
  const result = Buffer.allocUnsafe(header.BATCH_HEADER_SIZE + records.length)
  batch.copy(result, 0, 0, header.BATCH_HEADER_SIZE)
  records.copy(result, header.BATCH_HEADER_SIZE)
  result.writeInt32BE(result.length - header.BATCH_LENGTH_OVERHEAD, BatchField.batchLength)
  result[ATTRIBUTES_LOW] = ((result[ATTRIBUTES_LOW] as number) & ~BatchAttribute.codecMask) | codec
  restampCrc(result, 0)
  return result
}

function restampCrc(buffer: Buffer, at: number): void {
  const crc = crc32c(buffer, at + BatchField.attributes, at + header.batchSize(buffer, at))
  buffer.writeUInt32BE(crc, at + BatchField.crc)
}

function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  writeInt32(buffer, at, high)
  writeInt32(buffer, at + 4, value - high * 2 ** 32)
}

function writeInt32(buffer: Buffer, at: number, value: number): void {
  buffer[at] = value >>> 24
  buffer[at + 1] = value >>> 16
  buffer[at + 2] = value >>> 8
  buffer[at + 3] = value
}
