import { RowList } from '../fetch/fetch-context.js'
import { FetchRows } from '../fetch/fetch-rows.js'
import { Isolation } from '../log/read.js'
import { ErrorCode } from '../protocol/errors.js'
import type { Writer } from '../protocol/writer.js'

/** What a Fetch is answered: the named rows of a table, which may be read until the next request. */
export interface FetchAnswer {
  readonly errorCode: number
  readonly sessionId: number
  readonly isolation: number
  readonly rows: FetchRows
  readonly named: RowList
}

const FLEXIBLE_SINCE = 12
const TOPIC_IDS_SINCE = 13
/** From this version on clients understand KAFKA_STORAGE_ERROR. */
const STORAGE_ERROR_SINCE = 6

const NO_ROWS = new FetchRows(1)
const NONE_NAMED = new RowList()

export function fetchError(errorCode: number): FetchAnswer {
  return { errorCode, sessionId: 0, isolation: 0, rows: NO_ROWS, named: NONE_NAMED }
}

/**
 * Writes what `FetchResponse` describes, v4 to v18, straight from the rows; the bytes of the records come from their
 * files. Neighbours of one topic share an entry.
 */
export function writeFetchAnswer(writer: Writer, version: number, answer: FetchAnswer): void {
  const flexible = version >= FLEXIBLE_SINCE
  const { rows, named } = answer
  writer.int32(0)
  if (version >= 7) {
    writer.int16(answer.errorCode)
    writer.int32(answer.sessionId)
  }
  arrayLength(writer, flexible, topicCount(answer))
  for (let from = 0; from < named.count; ) {
    const first = named.rows[from] as number
    const { topic, topicId } = rows.topicOf(first)
    if (version >= TOPIC_IDS_SINCE) writer.uuid(topicId)
    else if (flexible) writer.compactString(topic)
    else writer.string(topic)
    const end = endOfTopic(answer, from)
    arrayLength(writer, flexible, end - from)
    for (; from < end; from++) writePartition(writer, version, answer, named.rows[from] as number)
    if (flexible) writer.uvarint(0)
  }
  if (flexible) writer.uvarint(0)
}

function writePartition(
  writer: Writer,
  version: number,
  { rows, isolation }: FetchAnswer,
  row: number,
): void {
  const errorCode = rows.errorCode(row)
  writer.int32(rows.partition(row))
  writer.int16(errorFor(errorCode, version))
  writer.int64(rows.highWatermark(row))
  writer.int64(rows.lastStableOffset(row))
  if (version >= 5) writer.int64(rows.logStartOffset(row))
  const committed = isolation === Isolation.readCommitted && errorCode === ErrorCode.NONE
  if (committed) writeAborted(writer, version, rows, row)
  else if (version >= FLEXIBLE_SINCE) writer.uvarint(0)
  else writer.int32(-1)
  if (version >= 11) writer.int32(-1)
  const length = rows.length(row)
  if (version >= FLEXIBLE_SINCE) writer.uvarint(length + 1)
  else writer.int32(length)
  if (length > 0) writer.slice(rows.log(row), rows.segment(row), rows.position(row), length)
  if (version < FLEXIBLE_SINCE) return
  if (rows.divergingEpoch(row) < 0) writer.uvarint(0)
  else writeDivergence(writer, rows, row)
}

function writeAborted(writer: Writer, version: number, rows: FetchRows, row: number): void {
  const flexible = version >= FLEXIBLE_SINCE
  const aborted = rows.aborted(row)
  arrayLength(writer, flexible, aborted.length)
  for (const { producerId, firstOffset } of aborted) {
    writer.int64(producerId)
    writer.int64(firstOffset)
    if (flexible) writer.uvarint(0)
  }
}

/** The partition's tagged fields: its diverging epoch alone. */
function writeDivergence(writer: Writer, rows: FetchRows, row: number): void {
  writer.uvarint(1)
  const mark = writer.beginTag(0)
  writer.int32(rows.divergingEpoch(row))
  writer.int64(rows.divergingEndOffset(row))
  writer.uvarint(0)
  writer.endTag(mark)
}

function arrayLength(writer: Writer, flexible: boolean, count: number): void {
  if (flexible) writer.uvarint(count + 1)
  else writer.int32(count)
}

function topicCount(answer: FetchAnswer): number {
  let count = 0
  for (let from = 0; from < answer.named.count; from = endOfTopic(answer, from)) count++
  return count
}

function endOfTopic({ rows, named }: FetchAnswer, from: number): number {
  const topic = rows.topicIndex(named.rows[from] as number)
  let end = from + 1
  while (end < named.count && rows.topicIndex(named.rows[end] as number) === topic) end++
  return end
}

function errorFor(errorCode: ErrorCode, version: number): ErrorCode {
  const storage = errorCode === ErrorCode.KAFKA_STORAGE_ERROR && version < STORAGE_ERROR_SINCE
  return storage ? ErrorCode.NOT_LEADER_OR_FOLLOWER : errorCode
}
