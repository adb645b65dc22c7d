// The process around the broker, as far as a verb needs it; a test puts its own in place.

export interface Host {
  /** SIGTERM and SIGINT, each time one comes. */
  onSignal(listener: (signal: string) => void): void
  onUncaughtError(listener: (error: Error) => void): void
  exit(code: number): void
  writeError(text: string): void
}

export const nodeHost: Host = {
  onSignal(listener) {
    process.on('SIGTERM', listener)
    process.on('SIGINT', listener)
  },
  onUncaughtError(listener) {
    process.on('uncaughtException', listener)
  },
  exit: (code) => process.exit(code),
  writeError: (text) => void process.stderr.write(text),
}
