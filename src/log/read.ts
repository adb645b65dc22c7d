import { LookupStatus } from '../native/engine.js'
import type { LookupRows } from '../native/lookup-rows.js'
import { ErrorCode } from '../protocol/errors.js'
import type { Partition } from './partition.js'
import type { ReadRows } from './read-rows.js'

export const Isolation = { readUncommitted: 0, readCommitted: 1 } as const

/**
 * What a consumer may read from the asked offset on: bounded by the high watermark, or under read_committed by the
 * last stable offset. In Kafka's order: leader epoch, diverging epoch, range, bytes.
 *
 * Answers the row but for the bytes and returns the bound below which they are to be looked up, -1 when there are
 * none.
 */
export function beginRead(partition: Partition, rows: ReadRows, row: number, isolation: number): number {
  const errorCode = readError(partition, rows.currentLeaderEpoch(row))
  if (errorCode !== ErrorCode.NONE) return refuse(rows, row, errorCode)
  const { watermarks } = partition
  const offset = rows.offset(row)
  const lastFetchedEpoch = rows.lastFetchedEpoch(row)
  if (lastFetchedEpoch >= 0 && !checkDivergence(partition, rows, row, lastFetchedEpoch)) return -1
  const { logStartOffset, logEndOffset, highWatermark, lastStableOffset } = watermarks
  if (offset < logStartOffset || offset > logEndOffset)
    return refuse(rows, row, ErrorCode.OFFSET_OUT_OF_RANGE)
  rows.answer(row, ErrorCode.NONE, highWatermark, lastStableOffset, logStartOffset)
  const bound = isolation === Isolation.readCommitted ? lastStableOffset : highWatermark
  return offset < bound ? bound : -1
}

/** The bytes, as the answered lookup tells. */
export function endRead(
  partition: Partition,
  rows: ReadRows,
  row: number,
  { lookups, lookup, isolation }: { lookups: LookupRows; lookup: number; isolation: number },
): void {
  const status = lookups.status(lookup)
  if (status === LookupStatus.Found) {
    rows.setRange(
      row,
      lookups.log(lookup),
      lookups.segment(lookup),
      lookups.position(lookup),
      lookups.length(lookup),
    )
    if (isolation !== Isolation.readCommitted) return
    const maxOffset = lookups.maxOffset(lookup)
    const endOffset = lookups.endOffset(lookup)
    const end = endOffset < 0 ? maxOffset : Math.min(endOffset, maxOffset)
    rows.setAborted(row, partition.transactionIndex.aborted.overlapping(rows.offset(row), end))
  } else if (status !== LookupStatus.Empty) {
    const outOfRange = status === LookupStatus.OutOfRange
    rows.fail(row, outOfRange ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.KAFKA_STORAGE_ERROR)
  }
}

function readError(partition: Partition, currentLeaderEpoch: number): ErrorCode {
  if (!partition.readable) {
    return partition.offline ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NOT_LEADER_OR_FOLLOWER
  }
  return partition.checkLeaderEpoch(currentLeaderEpoch)
}

function refuse(rows: ReadRows, row: number, errorCode: ErrorCode): -1 {
  rows.fail(row, errorCode)
  return -1
}

/** False when the answer is already complete: the logs diverge, or it cannot be told. */
function checkDivergence(
  partition: Partition,
  rows: ReadRows,
  row: number,
  lastFetchedEpoch: number,
): boolean {
  const { epoch, endOffset } = partition.endOffsetForEpoch(lastFetchedEpoch)
  const { highWatermark, lastStableOffset, logStartOffset } = partition.watermarks
  const offset = rows.offset(row)
  if (epoch < 0 || endOffset < 0 || offset < logStartOffset) {
    rows.fail(row, ErrorCode.OFFSET_OUT_OF_RANGE)
    return false
  }
  if (epoch >= lastFetchedEpoch && endOffset >= offset) return true
  rows.answer(row, ErrorCode.NONE, highWatermark, lastStableOffset, logStartOffset)
  rows.setDivergence(row, epoch, endOffset)
  return false
}
