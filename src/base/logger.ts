// Log lines: an event in words, and fields. pino writes them; text in Kafka's layout is the default because
// operators and test harnesses search for it, JSON is for machines.

import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import { type Clock, systemClock } from './clock.js'
import { kafkaTextStream } from './log-text.js'

export { RateLimited } from './rate-limited.js'

export interface Logger {
  debug(event: string, fields?: object): void
  info(event: string, fields?: object): void
  warn(event: string, fields?: object): void
  error(event: string, fields?: object): void
  /** A logger whose lines carry `name` as their last word; each room takes its own. */
  child(name: string): Logger
}

export type LogFormat = 'text' | 'json'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface LoggerOptions {
  readonly name: string
  readonly level?: LogLevel
  readonly format?: LogFormat
  readonly clock?: Clock
  /** Where finished lines go; standard output when absent. */
  readonly destination?: DestinationStream
}

export interface RootLogger extends Logger {
  /** Writes what is still buffered, waiting for it; call it before the process ends. */
  flush(): void
}

/** Lines that wait for a slow reader of standard output; past it the newest are dropped, not the broker blocked. */
const PENDING_CHARACTERS_MAX = 4 * 1024 * 1024

export function createLogger(options: LoggerOptions): RootLogger {
  const { name, level = 'info', format = 'text', clock = systemClock } = options
  const output = options.destination ? { stream: options.destination, flush: () => {} } : standardOutput()
  const stream = format === 'json' ? output.stream : kafkaTextStream(output.stream)
  const root = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":${clock.nowMs()}`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'event',
      // Other values under these names pass as they are.
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    },
    stream,
  )
  const logger = new RoomLogger(root, name)
  return Object.assign(logger, { flush: output.flush })
}

export const nullLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => nullLogger,
}

/** `MILLRACE_LOG_FORMAT=text|json`, `MILLRACE_LOG_LEVEL=debug|info|warn|error|silent`; anything else is ignored. */
export function loggerOptionsFrom(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<LoggerOptions, 'format' | 'level'> {
  const level = environment.MILLRACE_LOG_LEVEL?.toLowerCase()
  const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']
  return {
    format: environment.MILLRACE_LOG_FORMAT?.toLowerCase() === 'json' ? 'json' : 'text',
    level: levels.find((known) => known === level) ?? 'info',
  }
}

class RoomLogger implements Logger {
  readonly #root: PinoLogger
  readonly #lines: PinoLogger

  constructor(root: PinoLogger, name: string) {
    this.#root = root
    this.#lines = root.child({ logger: name })
  }

  debug(event: string, fields: object = {}): void {
    this.#lines.debug(fields, event)
  }

  info(event: string, fields: object = {}): void {
    this.#lines.info(fields, event)
  }

  warn(event: string, fields: object = {}): void {
    this.#lines.warn(fields, event)
  }

  error(event: string, fields: object = {}): void {
    this.#lines.error(fields, event)
  }

  child(name: string): Logger {
    return new RoomLogger(this.#root, name)
  }
}

function standardOutput(): { stream: DestinationStream; flush: () => void } {
  const stream = pino.destination({ fd: 1, sync: false, maxLength: PENDING_CHARACTERS_MAX })
  // A reader that went away (`| head`) must not take the broker with it.
  stream.on('error', () => {})
  const flush = () => {
    try {
      stream.flushSync()
    } catch {
      // Not open yet or already gone: nothing can be written any more.
    }
  }
  return { stream, flush }
}
