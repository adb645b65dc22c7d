export type ProtocolErrorCode =
  | 'UNDERFLOW'
  | 'INVALID_LENGTH'
  | 'INVALID_VARINT'
  | 'INVALID_UUID'
  | 'UNEXPECTED_NULL'
  | 'UNSAFE_INTEGER'
  | 'TOO_MANY_ELEMENTS'
  | 'STRING_TOO_LONG'
  | 'TAG_SIZE_MISMATCH'
  | 'UNSUPPORTED_VERSION'
  | 'INVALID_RECORD'

/** Bytes that do not follow the protocol, or a value it cannot carry. `code` is stable; the text is for people. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string) {
    super(message)
    this.name = 'ProtocolError'
    this.code = code
  }
}
