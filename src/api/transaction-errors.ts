import { ErrorCode } from '../protocol/errors.js'

/** From which versions on a client knows the codes that came later; it gets the nearest older one before. */
export interface KnownErrors {
  readonly fencedSince: number
  readonly abortableSince: number
}

export function clientError(errorCode: number, apiVersion: number, known: KnownErrors): number {
  if (errorCode === ErrorCode.PRODUCER_FENCED && apiVersion < known.fencedSince) {
    return ErrorCode.INVALID_PRODUCER_EPOCH
  }
  if (errorCode === ErrorCode.TRANSACTION_ABORTABLE && apiVersion < known.abortableSince) {
    return ErrorCode.INVALID_TXN_STATE
  }
  return errorCode
}
