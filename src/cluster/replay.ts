import {
  BatchField,
  baseOffset,
  batchEnd,
  crc,
  isControl,
  lastOffset,
} from '../protocol/records/batch-header.js'
import { readBatch } from '../protocol/records/batch-reader.js'
import { crc32c } from '../protocol/records/crc32c.js'
import { decodeRecord, type MetadataRecord, recordNumber } from './metadata-record.js'
import type { MutableImage } from './mutable-image.js'

/** Records that bracket an operation of several batches, which Kafka's controller writes when it bootstraps. */
const Bracket = { Begin: 23, End: 24, Abort: 25 } as const

/**
 * Applies the batches of a metadata log, this broker's or Kafka's, in order. Control batches, which Kafka's quorum
 * writes, are passed over; a batch that does not match its checksum ends the start. Between a begin and an end record
 * nothing is applied; an abort drops what was held.
 */
export class Replay {
  /** How many records of each type the image has no place for. */
  readonly passedOver = new Map<number, number>()
  private held: MetadataRecord[] | null = null

  constructor(private readonly image: MutableImage) {}

  /** Returns the offset after the last whole batch, or -1. */
  take(bytes: Buffer): number {
    let next = -1
    for (let at = 0; ; ) {
      const end = batchEnd(bytes, at, bytes.length)
      if (end < 0) return next
      if (crc(bytes, at) !== crc32c(bytes, at + BatchField.attributes, end)) {
        throw new Error(`metadata log: the batch at offset ${baseOffset(bytes, at)} is damaged`)
      }
      if (!isControl(bytes, at)) this.takeBatch(bytes, at)
      next = lastOffset(bytes, at) + 1
      at = end
    }
  }

  private takeBatch(bytes: Buffer, at: number): void {
    const records: MetadataRecord[] = []
    for (const { value } of readBatch(bytes, at)) {
      if (value !== null) this.takeRecord(value, records)
    }
    this.image.apply(records, lastOffset(bytes, at))
  }

  private takeRecord(value: Buffer, records: MetadataRecord[]): void {
    const type = recordNumber(value)
    if (type === Bracket.Begin) this.held = []
    else if (type === Bracket.Abort) this.held = null
    else if (type === Bracket.End) {
      records.push(...(this.held ?? []))
      this.held = null
    } else {
      const record = decodeRecord(value)
      if (record === null) this.passedOver.set(type, (this.passedOver.get(type) ?? 0) + 1)
      else (this.held ?? records).push(record)
    }
  }
}
