import { assert } from '../base/assert.js'
import {
  BATCH_HEADER_SIZE,
  BATCH_LENGTH_OVERHEAD,
  BATCH_MAGIC,
  BatchAttribute,
  BatchField,
} from '../protocol/records/batch-header.js'
import { crc32c } from '../protocol/records/crc32c.js'
import { varintSize, varlongSize, writeVarint, writeVarlong } from '../protocol/records/varint.js'
import type { RecordEncoder } from './record-encoder.js'
import type { TransactionalProducer } from './state-machine.js'

const FIRST_BYTES = 4096

/**
 * Writes records one after the other into the batch they will be appended as. `buildBatch` of the protocol room does
 * the same for records that exist as objects; here none is ever made, for this is what a commit costs.
 */
export class BatchWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #position: number = BATCH_HEADER_SIZE
  #count = 0
  #baseTimestamp = 0
  #maxTimestamp = 0

  get bytes(): number {
    return this.#position
  }

  get count(): number {
    return this.#count
  }

  add(record: RecordEncoder, timestamp: number): void {
    if (this.#count === 0) this.#baseTimestamp = timestamp
    this.#maxTimestamp = this.#count === 0 ? timestamp : Math.max(this.#maxTimestamp, timestamp)
    this.#reserve(record.recordBytesMax)
    const delta = timestamp - this.#baseTimestamp
    const buffer = this.#buffer
    let at = writeVarint(buffer, this.#position, bodySize(record, delta, this.#count))
    buffer[at++] = 0
    at = writeVarlong(buffer, at, delta)
    at = writeVarint(buffer, at, this.#count)
    at = record.copyKey(buffer, writeVarint(buffer, at, record.keyBytes))
    at = writeVarint(buffer, at, record.valueBytes)
    if (record.valueBytes > 0) at = record.copyValue(buffer, at)
    this.#position = writeVarint(buffer, at, 0)
    this.#count++
  }

  /** The finished batch, with base offset 0; transactional if it has a producer. Nothing may be added after. */
  finish(producer: TransactionalProducer | null = null): Buffer {
    assert(this.#count > 0, 'A batch needs a record.')
    const batch = this.#buffer.subarray(0, this.#position)
    batch.fill(0, 0, BATCH_HEADER_SIZE)
    batch.writeInt32BE(batch.length - BATCH_LENGTH_OVERHEAD, BatchField.batchLength)
    batch.writeInt32BE(-1, BatchField.leaderEpoch)
    batch.writeInt8(BATCH_MAGIC, BatchField.magic)
    batch.writeInt32BE(this.#count - 1, BatchField.lastOffsetDelta)
    batch.writeBigInt64BE(BigInt(this.#baseTimestamp), BatchField.baseTimestamp)
    batch.writeBigInt64BE(BigInt(this.#maxTimestamp), BatchField.maxTimestamp)
    // Producer id, epoch and sequence are all -1.
    batch.fill(0xff, BatchField.producerId, BatchField.recordCount)
    if (producer !== null) {
      batch.writeInt16BE(BatchAttribute.transactional, BatchField.attributes)
      batch.writeBigInt64BE(BigInt(producer.id), BatchField.producerId)
      batch.writeInt16BE(producer.epoch, BatchField.producerEpoch)
      // As Kafka's coordinators write it; nobody checks the sequences of a broker's own batches.
      batch.writeInt32BE(0, BatchField.baseSequence)
    }
    batch.writeInt32BE(this.#count, BatchField.recordCount)
    batch.writeUInt32BE(crc32c(batch, BatchField.attributes), BatchField.crc)
    return batch
  }

  #reserve(size: number): void {
    if (this.#position + size <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#position + size))
    this.#buffer.copy(larger, 0, 0, this.#position)
    this.#buffer = larger
  }
}

function bodySize(
  { keyBytes, valueBytes }: RecordEncoder,
  timestampDelta: number,
  offsetDelta: number,
): number {
  const key = varintSize(keyBytes) + keyBytes
  const value = varintSize(valueBytes) + Math.max(valueBytes, 0)
  return 1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + key + value + 1
}
