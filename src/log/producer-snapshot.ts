import { crc32c } from '../protocol/records/crc32c.js'

/*
 * `<20-digit offset>.snapshot`: the producers of a log as of that offset, which is the first not covered.
 *
 *   0   version   int16   1
 *   2   crc       uint32  CRC-32C of everything from byte 6 on
 *   6   count     int32
 *   then per producer 46 bytes:
 *   0   producerId            int64
 *   8   producerEpoch         int16
 *   10  lastSequence          int32   -1 none
 *   14  lastOffset            int64   -1 none
 *   22  offsetDelta           int32   of the last batch: last offset minus first
 *   26  timestamp             int64
 *   34  coordinatorEpoch      int32   -1 none
 *   38  currentTxnFirstOffset int64   -1 none
 *
 * A producer has up to five entries in a row, its last batches from old to new, so that after a crash a retry of any
 * of them is known. Kafka writes one and, reading several, keeps the last.
 *
 * A snapshot that fails its CRC is dropped and the log's batch headers are scanned from an older one.
 */
const VERSION = 1
const HEADER_SIZE = 10
const ENTRY_SIZE = 46

export interface SnapshotEntry {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastOffset: number
  readonly offsetDelta: number
  readonly timestamp: number
  readonly coordinatorEpoch: number
  readonly currentTxnFirstOffset: number
}

export function snapshotName(offset: number): string {
  return `${String(offset).padStart(20, '0')}.snapshot`
}

/** The offset of a snapshot's file name, or -1 for another file. */
export function snapshotOffset(name: string): number {
  const match = /^(\d{20})\.snapshot$/.exec(name)
  return match ? Number(match[1]) : -1
}

export function encodeSnapshot(entries: readonly SnapshotEntry[]): Buffer {
  const bytes = Buffer.alloc(HEADER_SIZE + entries.length * ENTRY_SIZE)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeInt32BE(entries.length, 6)
  for (const [index, entry] of entries.entries()) {
    const at = HEADER_SIZE + index * ENTRY_SIZE
    bytes.writeBigInt64BE(BigInt(entry.producerId), at)
    bytes.writeInt16BE(entry.producerEpoch, at + 8)
    bytes.writeInt32BE(entry.lastSequence, at + 10)
    bytes.writeBigInt64BE(BigInt(entry.lastOffset), at + 14)
    bytes.writeInt32BE(entry.offsetDelta, at + 22)
    bytes.writeBigInt64BE(BigInt(entry.timestamp), at + 26)
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34)
    bytes.writeBigInt64BE(BigInt(entry.currentTxnFirstOffset), at + 38)
  }
  bytes.writeUInt32BE(crc32c(bytes, 6), 2)
  return bytes
}

/** Null when the bytes are no intact snapshot. */
export function decodeSnapshot(bytes: Buffer): SnapshotEntry[] | null {
  if (bytes.length < HEADER_SIZE || bytes.readInt16BE(0) !== VERSION) return null
  if (bytes.readUInt32BE(2) !== crc32c(bytes, 6)) return null
  const count = bytes.readInt32BE(6)
  if (bytes.length !== HEADER_SIZE + count * ENTRY_SIZE) return null
  const entries: SnapshotEntry[] = []
  for (let at = HEADER_SIZE; at < bytes.length; at += ENTRY_SIZE) {
    entries.push({
      producerId: Number(bytes.readBigInt64BE(at)),
      producerEpoch: bytes.readInt16BE(at + 8),
      lastSequence: bytes.readInt32BE(at + 10),
      lastOffset: Number(bytes.readBigInt64BE(at + 14)),
      offsetDelta: bytes.readInt32BE(at + 22),
      timestamp: Number(bytes.readBigInt64BE(at + 26)),
      coordinatorEpoch: bytes.readInt32BE(at + 34),
      currentTxnFirstOffset: Number(bytes.readBigInt64BE(at + 38)),
    })
  }
  return entries
}
