import { ErrorCode } from '../protocol/errors.js'

export interface RecordError {
  readonly batchIndex: number
  readonly batchIndexErrorMessage: string | null
}

export const NO_RECORD_ERRORS: readonly RecordError[] = []

/** What the client is told about one partition of its request. */
export interface AppendResult {
  errorCode: ErrorCode
  errorMessage: string | null
  recordErrors: readonly RecordError[]
  baseOffset: number
  logAppendTimeMs: number
  logStartOffset: number
}

/**
 * The answer of `appendProduced`; the caller reuses one for every partition.
 * `submitted` tells that an append carries the request's ticket. `deferred` is set when the answer is not known
 * yet (records are being checked, or the batch repeats one still in flight); it never rejects.
 */
export interface AppendOutcome extends AppendResult {
  submitted: boolean
  deferred: Promise<AppendResult> | null
}

export function newOutcome(): AppendOutcome {
  return { ...refused(ErrorCode.NONE, null), submitted: false, deferred: null }
}

export function resetOutcome(out: AppendOutcome): void {
  out.errorCode = ErrorCode.NONE
  out.errorMessage = null
  out.recordErrors = NO_RECORD_ERRORS
  out.baseOffset = -1
  out.logAppendTimeMs = -1
  out.logStartOffset = -1
  out.submitted = false
  out.deferred = null
}

export function refused(errorCode: ErrorCode, errorMessage: string | null): AppendResult {
  return {
    errorCode,
    errorMessage,
    recordErrors: NO_RECORD_ERRORS,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
  }
}
