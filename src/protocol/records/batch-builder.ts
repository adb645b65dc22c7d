import { BATCH_LENGTH_OVERHEAD, BATCH_MAGIC, BatchAttribute, BatchField } from './batch-header.js'
import { crc32c } from './crc32c.js'
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.js'

export type RecordHeader = { key: string; value: Buffer | null }

export type RecordInput = {
  key: Buffer | null
  value: Buffer | null
  timestamp: number
  headers?: readonly RecordHeader[]
  /** Distance from the base offset; the record's index when left out. */
  offsetDelta?: number
}

export type BatchOptions = {
  baseOffset?: number
  leaderEpoch?: number
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  transactional?: boolean
  control?: boolean
}

/** An uncompressed batch of at least one record, with its CRC. */
export function buildBatch(records: readonly RecordInput[], options: BatchOptions = {}): Buffer {
  const first = records[0]
  const last = records.at(-1)
  if (first === undefined || last === undefined) throw new RangeError('a batch needs a record')
  const lastDelta = last.offsetDelta ?? records.length - 1
  const sizes = records.map((record, index) => recordSize(record, index, first.timestamp))
  const body = sizes.reduce((sum, size) => sum + varintSize(size) + size, 0)
  // A varint is written without a bounds check; its size was counted above.
  const batch = Buffer.allocUnsafe(BatchField.records + body)
  batch.writeBigInt64BE(BigInt(options.baseOffset ?? 0), BatchField.baseOffset)
  batch.writeInt32BE(batch.length - BATCH_LENGTH_OVERHEAD, BatchField.batchLength)
  batch.writeInt32BE(options.leaderEpoch ?? -1, BatchField.leaderEpoch)
  batch.writeInt8(BATCH_MAGIC, BatchField.magic)
  batch.writeInt16BE(attributesOf(options), BatchField.attributes)
  batch.writeInt32BE(lastDelta, BatchField.lastOffsetDelta)
  batch.writeBigInt64BE(BigInt(first.timestamp), BatchField.baseTimestamp)
  batch.writeBigInt64BE(BigInt(maxTimestampOf(records)), BatchField.maxTimestamp)
  batch.writeBigInt64BE(BigInt(options.producerId ?? -1), BatchField.producerId)
  batch.writeInt16BE(options.producerEpoch ?? -1, BatchField.producerEpoch)
  batch.writeInt32BE(options.baseSequence ?? -1, BatchField.baseSequence)
  batch.writeInt32BE(records.length, BatchField.recordCount)
  let at: number = BatchField.records
  for (const [index, record] of records.entries()) {
    at = writeVarint(batch, at, sizes[index] as number)
    at = writeRecord(batch, at, { record, index, baseTimestamp: first.timestamp })
  }
  batch.writeUInt32BE(crc32c(batch, BatchField.attributes), BatchField.crc)
  return batch
}

export type TransactionMarker = BatchOptions & {
  producerId: number
  producerEpoch: number
  commit: boolean
  coordinatorEpoch: number
  timestamp: number
}

/** The control batch that ends a transaction in a partition. */
export function buildTransactionMarker(marker: TransactionMarker): Buffer {
  const key = Buffer.alloc(4)
  key.writeInt16BE(marker.commit ? 1 : 0, 2)
  const value = Buffer.alloc(6)
  value.writeInt32BE(marker.coordinatorEpoch, 2)
  const options = { ...marker, baseSequence: -1, transactional: true, control: true }
  return buildBatch([{ key, value, timestamp: marker.timestamp }], options)
}

function attributesOf({ transactional = false, control = false }: BatchOptions): number {
  return (transactional ? BatchAttribute.transactional : 0) | (control ? BatchAttribute.control : 0)
}

function maxTimestampOf(records: readonly RecordInput[]): number {
  return records.reduce((max, record) => Math.max(max, record.timestamp), Number.NEGATIVE_INFINITY)
}

function recordSize(record: RecordInput, index: number, baseTimestamp: number): number {
  let size = 1 + varlongSize(record.timestamp - baseTimestamp) + varintSize(record.offsetDelta ?? index)
  size += blobSize(record.key) + blobSize(record.value)
  const headers = record.headers ?? []
  size += varintSize(headers.length)
  for (const { key, value } of headers) {
    const keyBytes = Buffer.byteLength(key)
    size += varintSize(keyBytes) + keyBytes + blobSize(value)
  }
  return size
}

type Placed = { record: RecordInput; index: number; baseTimestamp: number }

function writeRecord(batch: Buffer, at: number, { record, index, baseTimestamp }: Placed): number {
  batch[at] = 0
  let position = writeVarlong(batch, at + 1, record.timestamp - baseTimestamp)
  position = writeVarint(batch, position, record.offsetDelta ?? index)
  position = writeBlob(batch, position, record.key)
  position = writeBlob(batch, position, record.value)
  const headers = record.headers ?? []
  position = writeVarint(batch, position, headers.length)
  for (const { key, value } of headers) {
    position = writeBlob(batch, position, Buffer.from(key))
    position = writeBlob(batch, position, value)
  }
  return position
}

function blobSize(blob: Buffer | null): number {
  return blob === null ? 1 : varintSize(blob.length) + blob.length
}

function writeBlob(batch: Buffer, at: number, blob: Buffer | null): number {
  if (blob === null) return writeVarint(batch, at, -1)
  const position = writeVarint(batch, at, blob.length)
  batch.set(blob, position)
  return position + blob.length
}
