import { ProtocolError } from '../protocol-error.js'
import type { RecordHeader } from './batch-builder.js'
import * as header from './batch-header.js'
import { VarintReader } from './varint.js'

/** Key, value and header values are views of the buffer that was read. */
export type DecodedRecord = {
  offset: number
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  headers: RecordHeader[]
}

/**
 * The records of the batch at `at`, which must be wholly in the buffer. Of a compressed batch pass the decompressed
 * records. Throws ProtocolError when they are malformed or do not fill the batch exactly.
 */
export function* readBatch(buffer: Buffer, at = 0, decompressed?: Buffer): Generator<DecodedRecord> {
  const end = header.batchEnd(buffer, at, buffer.length)
  if (end < 0) throw invalid('batch is cut short')
  if (header.magic(buffer, at) !== header.BATCH_MAGIC) throw invalid('not a batch of magic 2')
  if (header.codecId(buffer, at) !== 0 && decompressed === undefined) throw invalid('batch is compressed')
  const records = decompressed ?? buffer.subarray(at + header.BATCH_HEADER_SIZE, end)
  const reader = new VarintReader().reset(records, 0, records.length)
  const base = { offset: header.baseOffset(buffer, at), timestamp: header.baseTimestamp(buffer, at) }
  const appendTime = header.hasLogAppendTime(buffer, at) ? header.maxTimestamp(buffer, at) : null
  for (let left = header.recordCount(buffer, at); left > 0; left--) {
    const record = readRecord(reader, base)
    if (appendTime !== null) record.timestamp = appendTime
    yield record
  }
  if (reader.position !== records.length) throw invalid('bytes after the last record')
}

/** Every record of the whole batches between `start` and `end`; a last batch cut short is left out. */
export function* readBatches(buffer: Buffer, start = 0, end = buffer.length): Generator<DecodedRecord> {
  for (let at = start; ; ) {
    const next = header.batchEnd(buffer, at, end)
    if (next < 0) return
    yield* readBatch(buffer, at)
    at = next
  }
}

function readRecord(reader: VarintReader, base: { offset: number; timestamp: number }): DecodedRecord {
  const size = reader.varint()
  const end = reader.position + size
  if (size < 0 || end > reader.end) throw invalid(`record of ${size} bytes`)
  reader.byte()
  const timestamp = base.timestamp + reader.varlong()
  const offset = base.offset + reader.varint()
  const key = readBlob(reader, end)
  const value = readBlob(reader, end)
  const headers = readHeaders(reader, end)
  if (reader.position !== end) throw invalid('record size does not match its fields')
  return { offset, timestamp, key, value, headers }
}

function readHeaders(reader: VarintReader, end: number): RecordHeader[] {
  const count = reader.varint()
  // A header takes at least two bytes, which bounds the array by what was received.
  if (count < 0 || count * 2 > end - reader.position) throw invalid(`${count} record headers`)
  const headers: RecordHeader[] = []
  for (let i = 0; i < count; i++) {
    const key = readBlob(reader, end)
    if (key === null) throw invalid('null header key')
    headers.push({ key: key.toString(), value: readBlob(reader, end) })
  }
  return headers
}

function readBlob(reader: VarintReader, end: number): Buffer | null {
  const length = reader.varint()
  if (length === -1) return null
  const start = reader.position
  if (length < 0 || length > end - start) throw invalid(`field of ${length} bytes`)
  reader.position = start + length
  return reader.buffer.subarray(start, start + length)
}

function invalid(message: string): ProtocolError {
  return new ProtocolError('INVALID_RECORD', message)
}
