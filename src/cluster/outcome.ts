import { ErrorCode } from '../protocol/errors.js'

/** A refusal as clients see it: the code, and the sentence an admin tool prints. */
export interface Refusal {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const ACCEPTED: Refusal = { errorCode: ErrorCode.NONE, errorMessage: null }

export function refuse(errorCode: number, errorMessage: string | null): Refusal {
  return { errorCode, errorMessage }
}

export function isRefused({ errorCode }: Refusal): boolean {
  return errorCode !== ErrorCode.NONE
}

export const TOO_LARGE = refuse(
  ErrorCode.POLICY_VIOLATION,
  'Unable to perform excessively large batch operation.',
)
export const BUSY = refuse(ErrorCode.REQUEST_TIMED_OUT, 'The controller has too many operations waiting.')
export const STORAGE_FAILED = refuse(ErrorCode.KAFKA_STORAGE_ERROR, 'The metadata log could not be written.')
