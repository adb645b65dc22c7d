import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { createLogger, type LogFormat, type LogLevel, loggerOptionsFrom } from '../../src/base/logger.js'

function capture(options: { format?: LogFormat; level?: LogLevel } = {}) {
  const lines: string[] = []
  const clock = new FakeClock(new Date(2026, 0, 31, 12, 0, 0, 123).getTime())
  const destination = { write: (line: string) => void lines.push(line) }
  return { lines, logger: createLogger({ name: 'millrace', clock, destination, ...options }) }
}

test('text lines have the layout that harnesses search for', () => {
  const { lines, logger } = capture()
  logger.info('Kafka Server started')
  logger.child('log.manager').warn('Segment was cut', { topic: 'a', path: 'x y', bytes: 3 })
  assert.deepEqual(lines, [
    '[2026-01-31 12:00:00,123] INFO Kafka Server started (millrace)\n',
    '[2026-01-31 12:00:00,123] WARN Segment was cut topic=a path="x y" bytes=3 (log.manager)\n',
  ])
})

test('a client cannot forge a second line', () => {
  const { lines, logger } = capture()
  logger.info('hello\n[2026] ERROR forged', { clientId: 'a\nb' })
  assert.equal(lines.join('').split('\n').length, 2)
})

test('an error keeps its stack', () => {
  const { lines, logger } = capture()
  logger.error('Dispatch failed', { err: new Error('no room') })
  assert.match(lines[0] as string, /ERROR Dispatch failed err="no room" \(millrace\)\nError: no room\n\s+at /)
  logger.warn('Retrying', { error: new Error('later') })
  assert.match(lines[1] as string, /WARN Retrying error=later \(millrace\)\nError: later\n\s+at /)
  logger.warn('Retrying', { error: 'a text' })
  assert.match(lines[2] as string, /WARN Retrying error="a text" \(millrace\)\n$/)
})

test('json lines are one object each, below the level nothing is written', () => {
  const { lines, logger } = capture({ format: 'json', level: 'warn' })
  logger.info('left out')
  logger.warn('kept', { port: 9092 })
  assert.equal(lines.length, 1)
  const { time, ...rest } = JSON.parse(lines[0] as string)
  assert.equal(typeof time, 'number')
  assert.deepEqual(rest, { level: 'warn', logger: 'millrace', port: 9092, event: 'kept' })
})

test('the environment chooses format and level, nonsense is ignored', () => {
  const options = loggerOptionsFrom({ MILLRACE_LOG_FORMAT: 'JSON', MILLRACE_LOG_LEVEL: 'debug' })
  assert.deepEqual(options, { format: 'json', level: 'debug' })
  const defaults = loggerOptionsFrom({ MILLRACE_LOG_FORMAT: 'xml', MILLRACE_LOG_LEVEL: 'loud' })
  assert.deepEqual(defaults, { format: 'text', level: 'info' })
})
