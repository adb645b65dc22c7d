import { LookupStatus } from '../native/engine.js'
import type { LookupRows } from '../native/lookup-rows.js'
import { ErrorCode } from '../protocol/errors.js'
import type { AbortedTransaction } from './aborted-transaction.js'
import type { Partition } from './partition.js'

export const Isolation = { readUncommitted: 0, readCommitted: 1 } as const

/** The caller reuses one for every partition of a fetch. */
export interface ReadQuery {
  offset: number
  maxBytes: number
  isolation: number
  /** -1 leaves the check out, as for the next. */
  currentLeaderEpoch: number
  lastFetchedEpoch: number
}

/** Filled for the caller: offsets are -1 after an error, the byte range is empty when nothing is readable. */
export interface ReadResult {
  errorCode: ErrorCode
  highWatermark: number
  lastStableOffset: number
  logStartOffset: number
  /** Where the reader's log and ours part; -1 when they do not. */
  divergingEpoch: number
  divergingEndOffset: number
  /** The file slice: `log` and `segment` name the file. */
  log: number
  segment: number
  position: number
  length: number
  /** Under read_committed: the aborted transactions that overlap the range, in the order of their markers. */
  aborted: readonly AbortedTransaction[]
}

const NO_ABORTED: readonly AbortedTransaction[] = []

export function newReadQuery(): ReadQuery {
  return {
    offset: 0,
    maxBytes: 0,
    isolation: Isolation.readUncommitted,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  }
}

export function newReadResult(): ReadResult {
  return {
    errorCode: ErrorCode.NONE,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: -1,
    divergingEndOffset: -1,
    log: -1,
    segment: 0,
    position: 0,
    length: 0,
    aborted: NO_ABORTED,
  }
}

export function resetReadResult(out: ReadResult, errorCode: ErrorCode): void {
  out.errorCode = errorCode
  out.highWatermark = -1
  out.lastStableOffset = -1
  out.logStartOffset = -1
  out.divergingEpoch = -1
  out.divergingEndOffset = -1
  out.length = 0
  out.aborted = NO_ABORTED
}

/**
 * What a consumer may read from `query.offset` on: bounded by the high watermark, or under read_committed by the
 * last stable offset. In Kafka's order: leader epoch, diverging epoch, range, bytes.
 *
 * Fills everything but the bytes and returns the bound below which they are to be looked up, -1 when there are none.
 */
export function beginRead(partition: Partition, query: ReadQuery, out: ReadResult): number {
  resetReadResult(out, readError(partition, query))
  if (out.errorCode !== ErrorCode.NONE) return -1
  const { watermarks } = partition
  if (query.lastFetchedEpoch >= 0 && !checkDivergence(partition, query, out)) return -1
  if (query.offset < watermarks.logStartOffset || query.offset > watermarks.logEndOffset) {
    out.errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
    return -1
  }
  fillOffsets(partition, out)
  const bound = query.isolation === Isolation.readCommitted ? out.lastStableOffset : out.highWatermark
  return query.offset < bound ? bound : -1
}

/** The bytes, as the answered row tells. */
export function endRead(
  partition: Partition,
  rows: LookupRows,
  row: number,
  read: { out: ReadResult; isolation: number },
) {
  const { out, isolation } = read
  const status = rows.status(row)
  if (status === LookupStatus.Found) {
    out.log = rows.log(row)
    out.segment = rows.segment(row)
    out.position = rows.position(row)
    out.length = rows.length(row)
    if (isolation !== Isolation.readCommitted) return
    const maxOffset = rows.maxOffset(row)
    const end = rows.endOffset(row) < 0 ? maxOffset : Math.min(rows.endOffset(row), maxOffset)
    out.aborted = partition.transactionIndex.aborted.overlapping(rows.offset(row), end)
  } else if (status !== LookupStatus.Empty) {
    const outOfRange = status === LookupStatus.OutOfRange
    resetReadResult(out, outOfRange ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.KAFKA_STORAGE_ERROR)
  }
}

function readError(partition: Partition, query: ReadQuery): ErrorCode {
  if (!partition.readable) {
    return partition.offline ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NOT_LEADER_OR_FOLLOWER
  }
  return partition.checkLeaderEpoch(query.currentLeaderEpoch)
}

/** False when the answer is already complete: the logs diverge, or it cannot be told. */
function checkDivergence(partition: Partition, query: ReadQuery, out: ReadResult): boolean {
  const { epoch, endOffset } = partition.endOffsetForEpoch(query.lastFetchedEpoch)
  if (epoch < 0 || endOffset < 0 || query.offset < partition.logStartOffset) {
    out.errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
    return false
  }
  if (epoch >= query.lastFetchedEpoch && endOffset >= query.offset) return true
  fillOffsets(partition, out)
  out.divergingEpoch = epoch
  out.divergingEndOffset = endOffset
  return false
}

function fillOffsets({ watermarks }: Partition, out: ReadResult): void {
  out.highWatermark = watermarks.highWatermark
  out.lastStableOffset = watermarks.lastStableOffset
  out.logStartOffset = watermarks.logStartOffset
}
