// Assertions state what our own code guarantees; a failing one is our bug. Input from a client is never asserted.

export class AssertionFailure extends Error {
  readonly code = 'MILLRACE_ASSERTION'
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message)
}

/** The end of an exhaustive switch: `default: return unreachable(kind)`. */
export function unreachable(value?: never): never {
  throw new AssertionFailure(`Unreachable code was reached with ${String(value)}.`)
}
