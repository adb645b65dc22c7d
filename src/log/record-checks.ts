import { ErrorCode } from '../protocol/errors.js'
import * as header from '../protocol/records/batch-header.js'
import { readBatch } from '../protocol/records/batch-reader.js'
import type { RecordError } from './append-result.js'
import { RECORD_ERRORS_MAX } from './limits.js'
import type { LogConfig } from './log-config.js'
import { configuredCodec } from './records-codec.js'

/** A producer that does not date its records. */
const NO_TIMESTAMP = -1

/**
 * Whether the header is not enough to take this batch: the topic is compacted (every record needs a key), its
 * compression is another than the producer's, or the header's timestamps leave the window, in which case the
 * records tell which of them are at fault. A record dated before the first one is not found this way; the lower
 * window is for producers with a wrong clock, and theirs is wrong for the first record too.
 */
export function needsRecordWork(buffer: Buffer, at: number, config: LogConfig, nowMs: number): boolean {
  if (config.cleanupPolicy.has('compact')) return true
  const codec = configuredCodec(config.compressionType)
  if (codec >= 0 && codec !== header.codecId(buffer, at)) return true
  if (config.messageTimestampType === 'LogAppendTime') return false
  const maxTimestamp = header.maxTimestamp(buffer, at)
  if (maxTimestamp === NO_TIMESTAMP) return false
  if (maxTimestamp > nowMs + config.messageTimestampAfterMaxMs) return true
  return header.baseTimestamp(buffer, at) < nowMs - config.messageTimestampBeforeMaxMs
}

export interface RecordsVerdict {
  readonly errorCode: ErrorCode
  readonly errorMessage: string
  readonly recordErrors: readonly RecordError[]
}

/** Walks the records; null when all are acceptable. Throws ProtocolError when they are malformed. */
export function checkRecords(
  batch: Buffer,
  decompressed: Buffer,
  options: { readonly config: LogConfig; readonly nowMs: number; readonly name: string },
): RecordsVerdict | null {
  const { config, nowMs, name } = options
  const keyNeeded = config.cleanupPolicy.has('compact')
  const timed = config.messageTimestampType !== 'LogAppendTime'
  const earliest = nowMs - config.messageTimestampBeforeMaxMs
  const latest = nowMs + config.messageTimestampAfterMaxMs
  const errors: RecordError[] = []
  let errorCode: ErrorCode = ErrorCode.INVALID_RECORD
  let index = 0
  for (const { offset, key, timestamp } of readBatch(batch, 0, decompressed)) {
    let message: string | null = null
    if (offset !== index) message = `Inner record offset ${offset} is not the expected ${index}`
    else if (keyNeeded && key === null) {
      message = `Compacted topic cannot accept message without key in topic partition ${name}.`
    } else if (timed && timestamp !== NO_TIMESTAMP && (timestamp < earliest || timestamp > latest)) {
      message =
        `Timestamp ${timestamp} of message with offset ${offset} is out of range. ` +
        `The timestamp should be within [${earliest}, ${latest}]`
      errorCode = ErrorCode.INVALID_TIMESTAMP
    }
    if (message !== null && errors.length < RECORD_ERRORS_MAX) {
      errors.push({ batchIndex: index, batchIndexErrorMessage: message })
    }
    index++
  }
  if (errors.length === 0) return null
  const errorMessage =
    errorCode === ErrorCode.INVALID_TIMESTAMP
      ? 'One or more records have been rejected due to invalid timestamp'
      : `One or more records have been rejected due to ${errors.length} record errors in total, ` +
        `and only showing the first three errors at most: ${describe(errors)}`
  return { errorCode, errorMessage, recordErrors: errors }
}

function describe(errors: readonly RecordError[]): string {
  return errors
    .slice(0, 3)
    .map(({ batchIndex, batchIndexErrorMessage }) => `${batchIndex}: ${batchIndexErrorMessage}`)
    .join(', ')
}
