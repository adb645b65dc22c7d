// What is wrong with compressed bytes that a client sent.

export type CodecErrorCode = 'CORRUPT' | 'TOO_LARGE' | 'UNSUPPORTED'

export class CodecError extends Error {
  constructor(
    readonly code: CodecErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  static tooLarge(maxBytes: number): CodecError {
    return new CodecError('TOO_LARGE', `more than ${maxBytes} bytes when decompressed`)
  }

  static corrupt(what: string, cause?: unknown): CodecError {
    return new CodecError('CORRUPT', what, cause === undefined ? undefined : { cause })
  }
}
