// What the engine can tell about a log that is not being written: pure functions over a SimLog.

import { type Lookup, LookupStatus, type ScannedTail, type TimestampHit } from '../../src/native/engine.js'
import type { LookupBudget, LookupRows } from '../../src/native/lookup-rows.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { type DecodedRecord, readBatch } from '../../src/protocol/records/batch-reader.js'
import type { SimBatch, SimLog, SimSegment } from './disk.js'

export function lookupIn(log: SimLog, query: Lookup): number {
  if (query.offset < log.logStartOffset || query.offset > log.logEndOffset) return LookupStatus.OutOfRange
  for (const segment of log.segments) {
    const first = segment.batches.findIndex((batch) => batch.endOffset > query.offset)
    if (first >= 0) return lookupInSegment(segment, first, query)
  }
  return LookupStatus.Empty
}

/** In order, each row within what those before it left of the budget. */
export function lookupAllIn(
  rows: LookupRows,
  { bytesLeft, slicesLeft, atLeastOneBatch }: LookupBudget,
  lookup: (query: Lookup) => number,
): void {
  let left = bytesLeft
  let slices = slicesLeft
  let nothingYet = atLeastOneBatch
  for (let row = 0; row < rows.count; row++) {
    const query = {
      log: rows.log(row),
      offset: rows.offset(row),
      maxOffset: rows.maxOffset(row),
      maxBytes: Math.max(0, Math.min(rows.maxBytes(row), left)),
      atLeastOneBatch: nothingYet,
      segment: 0,
      position: 0,
      length: 0,
      endOffset: -1,
    }
    const refused = query.maxBytes === 0 && !nothingYet
    rows.answer(row, refused ? LookupStatus.Empty : lookup(query), query)
    if (query.length === 0) continue
    nothingYet = false
    left -= query.length
    if (--slices <= 0) left = 0
  }
}

function lookupInSegment(segment: SimSegment, first: number, query: Lookup): number {
  let length = 0
  let endOffset = -1
  for (const batch of segment.batches.slice(first)) {
    if (batch.endOffset > query.maxOffset) break
    const whole = length + batch.bytes.length
    if (whole > query.maxBytes && !(length === 0 && query.atLeastOneBatch)) break
    length = whole
    endOffset = batch.endOffset
  }
  if (length === 0) return LookupStatus.Empty
  query.segment = segment.baseOffset
  query.position = segment.batches.slice(0, first).reduce((sum, batch) => sum + batch.bytes.length, 0)
  query.length = length
  query.endOffset = endOffset
  return LookupStatus.Found
}

export function batchesBetween(log: SimLog, offset: number, maxOffset: number): SimBatch[] {
  return log.segments
    .flatMap((segment) => segment.batches)
    .filter((batch) => batch.endOffset > offset && batch.endOffset <= maxOffset)
}

export type SimTimestampHit = TimestampHit & { readonly batch?: Buffer }

export function findTimestampIn(log: SimLog, timestamp: number, maxOffset: number): SimTimestampHit | null {
  for (const batch of batchesBetween(log, log.logStartOffset, maxOffset)) {
    if (batch.maxTimestamp < timestamp) continue
    const found = hitIn(
      batch,
      (record) => record.timestamp >= timestamp && record.offset >= log.logStartOffset,
    )
    if (found !== null) return found
  }
  return null
}

export function findMaxTimestampIn(log: SimLog, maxOffset: number): SimTimestampHit | null {
  const batches = batchesBetween(log, log.logStartOffset, maxOffset)
  const max = batches.reduce((best, batch) => Math.max(best, batch.maxTimestamp), Number.NEGATIVE_INFINITY)
  const batch = batches.find((each) => each.maxTimestamp === max)
  return batch === undefined ? null : hitIn(batch, (record) => record.timestamp === max)
}

function hitIn(batch: SimBatch, wanted: (record: DecodedRecord) => boolean): SimTimestampHit | null {
  const leaderEpoch = header.leaderEpoch(batch.bytes, 0)
  if (header.codecId(batch.bytes, 0) !== 0) {
    return { timestamp: batch.maxTimestamp, offset: batch.baseOffset, leaderEpoch, batch: batch.bytes }
  }
  for (const record of readBatch(batch.bytes)) {
    if (wanted(record)) return { timestamp: record.timestamp, offset: record.offset, leaderEpoch }
  }
  return null
}

/** The segments that reach above the recovery point are scanned at open, the last one always but after a clean stop. */
export function scannedTail({ segments }: SimLog, recoveryPoint: number): ScannedTail | null {
  if (recoveryPoint >= Number.MAX_SAFE_INTEGER) return null
  const first = segments.findIndex((_, i) => (segments[i + 1]?.baseOffset ?? Infinity) > recoveryPoint)
  const batches = segments.slice(first).flatMap((segment) => segment.batches)
  const epochs: number[] = []
  for (const { baseOffset, bytes } of batches) {
    const epoch = header.leaderEpoch(bytes, 0)
    if (epochs.at(-2) !== epoch) epochs.push(epoch, baseOffset)
  }
  const plain = batches.every(({ bytes }) => header.producerId(bytes, 0) < 0)
  return { from: segments[first]?.baseOffset ?? 0, plain, epochs }
}
