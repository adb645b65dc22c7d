import { buildBatch, type RecordInput } from '../protocol/records/batch-builder.js'
import { BATCH_MAGIC, BatchField, batchEnd, crc, isControl, magic } from '../protocol/records/batch-header.js'
import { readBatch } from '../protocol/records/batch-reader.js'
import { crc32c } from '../protocol/records/crc32c.js'
import { imageRecords } from './image-records.js'
import { SNAPSHOT_BATCH_RECORDS_MAX } from './limits.js'
import { encodeRecord } from './metadata-record.js'
import type { MutableImage } from './mutable-image.js'

/*
 * A snapshot of the metadata log, as Kafka's controller leaves it beside the segments:
 *
 *   <20-digit end offset>-<10-digit epoch>.checkpoint
 *
 * Its content is record batches like those of the log, counted from offset 0, with a control batch at both ends:
 *
 *   header   key int16 0, int16 3    value int16 0, int64 time of the last record it stands for, no tagged fields
 *   footer   key int16 0, int16 4    value int16 0, no tagged fields
 *
 * It stands for all records below its end offset, which the log may have dropped. A file is whole when every batch
 * matches its CRC and the footer comes last. Files with a further suffix are unfinished or deleted.
 */
const NAME = /^(\d{20})-(\d{10})\.checkpoint$/
const ControlType = { header: 3, footer: 4 } as const

export interface SnapshotName {
  readonly name: string
  /** The offset from which the log continues it. */
  readonly endOffset: number
}

export interface MetadataSnapshot {
  readonly endOffset: number
  readonly content: Buffer
}

export function snapshotName({ endOffset, epoch }: { endOffset: number; epoch: number }): string {
  return `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`
}

/** Newest first. */
export function snapshotsAmong(names: readonly string[]): SnapshotName[] {
  const found: SnapshotName[] = []
  for (const name of names) {
    const match = NAME.exec(name)
    if (match !== null) found.push({ name, endOffset: Number(match[1]) })
  }
  return found.sort((a, b) => b.endOffset - a.endOffset || (a.name < b.name ? 1 : -1))
}

export function encodeSnapshot(
  image: MutableImage,
  { epoch, lastTimestamp }: { readonly epoch: number; readonly lastTimestamp: number },
): Buffer {
  const batches: Buffer[] = []
  let baseOffset = 0
  const add = (records: RecordInput[], control: boolean) => {
    batches.push(buildBatch(records, { baseOffset, leaderEpoch: epoch, control }))
    baseOffset += records.length
  }
  const header = Buffer.alloc(11)
  header.writeBigInt64BE(BigInt(lastTimestamp), 2)
  add([controlRecord(ControlType.header, header, lastTimestamp)], true)
  let records: RecordInput[] = []
  for (const record of imageRecords(image)) {
    records.push({ key: null, value: encodeRecord(record), timestamp: lastTimestamp })
    if (records.length < SNAPSHOT_BATCH_RECORDS_MAX) continue
    add(records, false)
    records = []
  }
  if (records.length > 0) add(records, false)
  add([controlRecord(ControlType.footer, Buffer.alloc(3), lastTimestamp)], true)
  return Buffer.concat(batches)
}

/** Whether nothing is missing or damaged. */
export function isWhole(content: Buffer): boolean {
  let last = -1
  let at = 0
  while (at < content.length) {
    const end = batchEnd(content, at, content.length)
    if (end < 0 || magic(content, at) !== BATCH_MAGIC) return false
    if (crc(content, at) !== crc32c(content, at + BatchField.attributes, end)) return false
    last = at
    at = end
  }
  if (last < 0 || !isControl(content, last)) return false
  const [footer] = readBatch(content, last)
  return footer?.key?.length === 4 && footer.key.readInt16BE(2) === ControlType.footer
}

function controlRecord(type: number, value: Buffer, timestamp: number): RecordInput {
  const key = Buffer.alloc(4)
  key.writeInt16BE(type, 2)
  return { key, value, timestamp }
}
