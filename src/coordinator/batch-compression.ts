import {
  attributes,
  BATCH_HEADER_SIZE,
  BATCH_LENGTH_OVERHEAD,
  BatchField,
} from '../protocol/records/batch-header.js'
import { crc32c } from '../protocol/records/crc32c.js'

/** The same batch with its records replaced by their compressed form. */
export function withCompressedRecords(batch: Buffer, codecId: number, compressed: Buffer): Buffer {
  const result = Buffer.concat([batch.subarray(0, BATCH_HEADER_SIZE), compressed])
  result.writeInt32BE(result.length - BATCH_LENGTH_OVERHEAD, BatchField.batchLength)
  result.writeInt16BE(attributes(batch, 0) | codecId, BatchField.attributes)
  result.writeUInt32BE(crc32c(result, BatchField.attributes), BatchField.crc)
  return result
}
