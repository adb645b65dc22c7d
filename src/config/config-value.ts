// From the text of a property to its value, with Kafka's own words for what is wrong.

import { type ConfigKey, LONG_MAX } from './config-key.js'

export type ConfigValue = string | number | boolean | readonly string[] | null

export interface ParsedValue {
  readonly value: ConfigValue
  /** Trimmed, as descriptions show it. */
  readonly text: string | null
}

/** A setting that cannot be accepted. `key` is empty when no single key is at fault. */
export class ConfigError extends Error {
  readonly code = 'MILLRACE_CONFIG'
  constructor(
    readonly key: string,
    message: string,
  ) {
    super(message)
  }
}

/** Throws `ConfigError`. */
export function parseValue(key: ConfigKey, text: string | null): ParsedValue {
  if (text === null) return { value: null, text: null }
  const trimmed = text.trim()
  switch (key.type) {
    case 'BOOLEAN':
      return { value: parseBoolean(key, trimmed), text: trimmed.toLowerCase() }
    case 'INT':
    case 'SHORT':
    case 'LONG':
      return parseInteger(key, trimmed)
    case 'DOUBLE':
      return { value: parseDouble(key, trimmed), text: trimmed }
    case 'LIST':
      return parseList(key, trimmed)
    case 'PASSWORD':
      return { value: text, text }
    default:
      checkString(key, trimmed)
      return { value: trimmed, text: trimmed }
  }
}

/** The message Kafka would send, or null when the value is acceptable. */
export function valueProblem(key: ConfigKey, text: string | null): string | null {
  try {
    parseValue(key, text)
    return null
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

export function invalid(key: ConfigKey, text: string, why: string): ConfigError {
  const shown = key.type === 'PASSWORD' ? '[hidden]' : text
  return new ConfigError(key.name, `Invalid value ${shown} for configuration ${key.name}: ${why}`)
}

function parseBoolean(key: ConfigKey, text: string): boolean {
  if (/^true$/i.test(text)) return true
  if (/^false$/i.test(text)) return false
  throw invalid(key, text, 'Expected value to be either true or false')
}

const INTEGER_MAX = { SHORT: 2n ** 15n - 1n, INT: 2n ** 31n - 1n, LONG: BigInt(LONG_MAX) }

/** Longs past 2^53 become the largest safe integer: both mean "never" or "no limit" wherever they are used. */
function parseInteger(key: ConfigKey, text: string): ParsedValue {
  const type = key.type as keyof typeof INTEGER_MAX
  // 20 characters hold every long; more would only make a number nobody can use.
  const whole = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : null
  if (whole === null || whole > INTEGER_MAX[type] || whole < -INTEGER_MAX[type] - 1n) {
    throw invalid(key, text, `Not a number of type ${type}`)
  }
  const safe = BigInt(Number.MAX_SAFE_INTEGER)
  const value = Number(whole > safe ? safe : whole < -safe ? -safe : whole)
  checkRange(key, text, value)
  return { value, text: whole.toString() }
}

function parseDouble(key: ConfigKey, text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) throw invalid(key, text, 'Not a number of type DOUBLE')
  checkRange(key, text, value)
  return value
}

function checkRange(key: ConfigKey, text: string, value: number): void {
  const { min, max, or } = key.valid
  if (or?.includes(value)) return
  if (min !== undefined && value < min) throw invalid(key, text, `Value must be at least ${min}`)
  if (max !== undefined && value > max) throw invalid(key, text, `Value must be no more than ${max}`)
}

function parseList(key: ConfigKey, text: string): ParsedValue {
  const values = text === '' ? [] : text.split(/\s*,\s*/)
  const { listOf, emptyAllowed } = key.valid
  if (emptyAllowed === false && values.length === 0) {
    const choice = listOf ? ` Valid values include: [${listOf.join(', ')}]` : ''
    throw invalid(key, text, `Configuration '${key.name}' must not be empty.${choice}`)
  }
  if (values.includes('')) {
    throw invalid(key, text, `Configuration '${key.name}' values must not be empty.`)
  }
  if (emptyAllowed !== undefined && new Set(values).size !== values.length) {
    throw invalid(key, text, `Configuration '${key.name}' values must not be duplicated.`)
  }
  const stranger = listOf && values.find((value) => !listOf.includes(value))
  if (stranger !== undefined) {
    throw invalid(key, stranger, `String must be one of: ${listOf?.join(', ')}`)
  }
  return { value: values, text: values.join(',') }
}

function checkString(key: ConfigKey, text: string): void {
  const { oneOf, caseInsensitive, nonEmptyString } = key.valid
  if (nonEmptyString && text === '') throw invalid(key, text, 'String must be non-empty')
  if (oneOf === undefined) return
  const known = caseInsensitive
    ? oneOf.includes(text.toLowerCase()) || oneOf.includes(text.toUpperCase())
    : oneOf.includes(text)
  if (!known) throw invalid(key, text, `String must be one of: ${oneOf.join(', ')}`)
}
