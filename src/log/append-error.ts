import { type ErrorCode, errorName } from '../protocol/errors.js'

/** An append of the broker itself was refused or not written; `errorCode` is what a client would be told. */
export class AppendError extends Error {
  readonly code = 'MILLRACE_APPEND_FAILED'

  constructor(
    readonly errorCode: ErrorCode,
    message: string,
  ) {
    super(`${message} (${errorName(errorCode)})`)
  }
}
