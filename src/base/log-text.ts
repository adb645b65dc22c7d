// Kafka's text layout for log lines, made from pino's JSON lines:
//   [2026-01-31 12:00:00,123] INFO event key=value key="two words" (logger)
// An `error` field is an Error: its stack follows on lines of its own. Times are local, as in Kafka.

import type { DestinationStream } from 'pino'

export function kafkaTextStream(output: DestinationStream): DestinationStream {
  return { write: (line) => output.write(kafkaText(JSON.parse(line) as LogLine)) }
}

interface LogLine {
  readonly level: string
  readonly time: number
  readonly event?: string
  readonly logger: string
  readonly [field: string]: unknown
}

export function kafkaText({ level, time, event = '', logger, ...fields }: LogLine): string {
  let words = oneLine(event)
  let stack = ''
  for (const [key, value] of Object.entries(fields)) {
    if (isSerializedError(value)) {
      words += ` ${key}=${fieldText(value.message)}`
      if (value.stack) stack += `${value.stack}\n`
    } else {
      words += ` ${key}=${fieldText(value)}`
    }
  }
  return `[${timestamp(time)}] ${level.toUpperCase()} ${words} (${logger})\n${stack}`
}

function timestamp(timeMs: number): string {
  const date = new Date(timeMs)
  const two = (part: number) => String(part).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[!#-<>-~]+$/.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value) ?? 'undefined'
}

/** A client id may hold a line break; a forged second line must not come of it. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go.
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ')
}

function isSerializedError(value: unknown): value is { message: string; stack?: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value
}
