import type { ErrorCode } from '../protocol/errors.js'
import type { AbortedTransaction } from './aborted-transaction.js'

const NO_ABORTED: readonly AbortedTransaction[] = []

const INTS = 8
const MAX_BYTES = 0
const CURRENT_LEADER_EPOCH = 1
const LAST_FETCHED_EPOCH = 2
const ERROR_CODE = 3
const LENGTH = 4
const LOG = 5
const DIVERGING_EPOCH = 6

const NUMBERS = 8
const OFFSET = 0
const HIGH_WATERMARK = 1
const LAST_STABLE_OFFSET = 2
const LOG_START_OFFSET = 3
const DIVERGING_END_OFFSET = 4
const SEGMENT = 5
const POSITION = 6

/**
 * Reads of many partitions, one a row: what is asked, and what the last read answered. Numbers side by side instead of
 * objects, for a fetch may name thousands of partitions and reads all of them each time.
 *
 * Answered offsets are -1 after an error, the byte range is empty when nothing is readable. `log` and `segment` name
 * the file the range lies in.
 */
export class ReadRows {
  count = 0
  private ints: Int32Array
  private numbers: Float64Array
  /** Under read_committed; what stands there has no meaning otherwise. */
  private readonly abortedLists: (readonly AbortedTransaction[])[] = []

  constructor(capacity = 4) {
    this.ints = new Int32Array(capacity * INTS)
    this.numbers = new Float64Array(capacity * NUMBERS)
  }

  get capacity(): number {
    return this.ints.length / INTS
  }

  /** Returns a row in which nothing stands yet. */
  addRow(): number {
    if (this.count === this.capacity) this.grow(this.count * 2)
    return this.count++
  }

  /** -1 as an epoch leaves its check out. */
  ask(
    row: number,
    offset: number,
    maxBytes: number,
    currentLeaderEpoch: number,
    lastFetchedEpoch: number,
  ): void {
    const { ints } = this
    const at = row * INTS
    ints[at + MAX_BYTES] = maxBytes
    ints[at + CURRENT_LEADER_EPOCH] = currentLeaderEpoch
    ints[at + LAST_FETCHED_EPOCH] = lastFetchedEpoch
    this.numbers[row * NUMBERS + OFFSET] = offset
  }

  askLike(row: number, other: ReadRows, otherRow: number): void {
    const epoch = other.currentLeaderEpoch(otherRow)
    this.ask(row, other.offset(otherRow), other.maxBytes(otherRow), epoch, other.lastFetchedEpoch(otherRow))
  }

  offset(row: number): number {
    return this.numbers[row * NUMBERS + OFFSET] as number
  }

  maxBytes(row: number): number {
    return this.ints[row * INTS + MAX_BYTES] as number
  }

  currentLeaderEpoch(row: number): number {
    return this.ints[row * INTS + CURRENT_LEADER_EPOCH] as number
  }

  lastFetchedEpoch(row: number): number {
    return this.ints[row * INTS + LAST_FETCHED_EPOCH] as number
  }

  errorCode(row: number): ErrorCode {
    return this.ints[row * INTS + ERROR_CODE] as ErrorCode
  }

  length(row: number): number {
    return this.ints[row * INTS + LENGTH] as number
  }

  log(row: number): number {
    return this.ints[row * INTS + LOG] as number
  }

  segment(row: number): number {
    return this.numbers[row * NUMBERS + SEGMENT] as number
  }

  position(row: number): number {
    return this.numbers[row * NUMBERS + POSITION] as number
  }

  highWatermark(row: number): number {
    return this.numbers[row * NUMBERS + HIGH_WATERMARK] as number
  }

  lastStableOffset(row: number): number {
    return this.numbers[row * NUMBERS + LAST_STABLE_OFFSET] as number
  }

  logStartOffset(row: number): number {
    return this.numbers[row * NUMBERS + LOG_START_OFFSET] as number
  }

  /** Where the reader's log and ours part; -1 when they do not. */
  divergingEpoch(row: number): number {
    return this.ints[row * INTS + DIVERGING_EPOCH] as number
  }

  divergingEndOffset(row: number): number {
    return this.numbers[row * NUMBERS + DIVERGING_END_OFFSET] as number
  }

  /** Under read_committed: the aborted transactions that overlap the range, in the order of their markers. */
  aborted(row: number): readonly AbortedTransaction[] {
    return this.abortedLists[row] ?? NO_ABORTED
  }

  /** An answer of nothing but a code. */
  fail(row: number, errorCode: ErrorCode): void {
    this.answer(row, errorCode, -1, -1, -1)
  }

  /** An answer without bytes. */
  answer(
    row: number,
    errorCode: ErrorCode,
    highWatermark: number,
    lastStableOffset: number,
    logStartOffset: number,
  ): void {
    const { ints, numbers } = this
    const at = row * INTS
    ints[at + ERROR_CODE] = errorCode
    ints[at + LENGTH] = 0
    ints[at + DIVERGING_EPOCH] = -1
    const numberAt = row * NUMBERS
    numbers[numberAt + HIGH_WATERMARK] = highWatermark
    numbers[numberAt + LAST_STABLE_OFFSET] = lastStableOffset
    numbers[numberAt + LOG_START_OFFSET] = logStartOffset
    if (row < this.abortedLists.length) this.abortedLists[row] = NO_ABORTED
  }

  /** The answer's bytes. */
  setRange(row: number, log: number, segment: number, position: number, length: number): void {
    const { ints, numbers } = this
    ints[row * INTS + LENGTH] = length
    ints[row * INTS + LOG] = log
    numbers[row * NUMBERS + SEGMENT] = segment
    numbers[row * NUMBERS + POSITION] = position
  }

  setDivergence(row: number, epoch: number, endOffset: number): void {
    this.ints[row * INTS + DIVERGING_EPOCH] = epoch
    this.numbers[row * NUMBERS + DIVERGING_END_OFFSET] = endOffset
  }

  setAborted(row: number, aborted: readonly AbortedTransaction[]): void {
    const lists = this.abortedLists
    while (lists.length <= row) lists.push(NO_ABORTED)
    lists[row] = aborted
  }

  protected grow(capacity: number): void {
    const { ints, numbers } = this
    this.ints = new Int32Array(capacity * INTS)
    this.ints.set(ints)
    this.numbers = new Float64Array(capacity * NUMBERS)
    this.numbers.set(numbers)
  }
}
