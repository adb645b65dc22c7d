import { type Lookup, LookupStatus } from '../native/engine.js'
import { ErrorCode } from '../protocol/errors.js'
import type { AbortedTransaction } from './aborted-transaction.js'
import type { Partition } from './partition.js'

export const Isolation = { readUncommitted: 0, readCommitted: 1 } as const

/** The caller reuses one for every partition of a fetch. */
export interface ReadQuery {
  offset: number
  maxBytes: number
  /** The first batch is returned whole even if it is larger than `maxBytes`. */
  atLeastOneBatch: boolean
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
    atLeastOneBatch: false,
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

/** One for the whole room: a lookup is over before the next begins. */
const lookup: Lookup = {
  log: 0,
  offset: 0,
  maxOffset: 0,
  maxBytes: 0,
  atLeastOneBatch: false,
  segment: 0,
  position: 0,
  length: 0,
  endOffset: -1,
}

/**
 * What a consumer may read from `query.offset` on: bounded by the high watermark, or under read_committed by the
 * last stable offset. In Kafka's order: leader epoch, diverging epoch, range, bytes.
 */
export function readLog(partition: Partition, query: ReadQuery, out: ReadResult): void {
  resetReadResult(out, readError(partition, query))
  if (out.errorCode !== ErrorCode.NONE) return
  const { watermarks } = partition
  if (query.lastFetchedEpoch >= 0 && !checkDivergence(partition, query, out)) return
  if (query.offset < watermarks.logStartOffset || query.offset > watermarks.logEndOffset) {
    out.errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
    return
  }
  fillOffsets(partition, out)
  const bound = query.isolation === Isolation.readCommitted ? out.lastStableOffset : out.highWatermark
  if (query.offset >= bound || (query.maxBytes <= 0 && !query.atLeastOneBatch)) return
  locate(partition, query, bound, out)
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

function locate(partition: Partition, query: ReadQuery, maxOffset: number, out: ReadResult): void {
  lookup.log = partition.log
  lookup.offset = query.offset
  lookup.maxOffset = maxOffset
  lookup.maxBytes = Math.max(query.maxBytes, 0)
  lookup.atLeastOneBatch = query.atLeastOneBatch
  const status = partition.services.engine.lookup(lookup)
  if (status === LookupStatus.Found) {
    out.log = partition.log
    out.segment = lookup.segment
    out.position = lookup.position
    out.length = lookup.length
    if (query.isolation === Isolation.readCommitted) {
      const end = lookup.endOffset < 0 ? maxOffset : Math.min(lookup.endOffset, maxOffset)
      out.aborted = partition.transactionIndex.aborted.overlapping(query.offset, end)
    }
  } else if (status !== LookupStatus.Empty) {
    const outOfRange = status === LookupStatus.OutOfRange
    resetReadResult(out, outOfRange ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.KAFKA_STORAGE_ERROR)
  }
}
