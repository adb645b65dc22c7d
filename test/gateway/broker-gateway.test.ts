// Goal: the gateway of a running broker follows it from start to stop. Method: the whole broker on free ports; the
// gateway's port is read from its log line.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Logger, nullLogger } from '../../src/base/logger.js'
import { startBroker } from '../../src/index.js'

class GatewayPort implements Logger {
  port = 0
  readonly debug = nullLogger.debug
  readonly warn = nullLogger.warn
  readonly error = nullLogger.error
  info(event: string, fields: { port?: number } = {}): void {
    if (event === 'HTTP gateway is listening') this.port = fields.port ?? 0
  }
  child(): Logger {
    return this
  }
}

test('ready while clients are served, gone after the stop', async () => {
  const logger = new GatewayPort()
  const broker = await startBroker({ logger, overrides: { 'millrace.http.listener': '127.0.0.1:0' } })
  try {
    const ready = await fetch(`http://127.0.0.1:${logger.port}/ready`)
    assert.equal(ready.status, 200)
    const metrics = await (await fetch(`http://127.0.0.1:${logger.port}/metrics`)).text()
    assert.match(metrics, /^millrace_topics 0$/m)
    assert.match(metrics, /^millrace_connections 0$/m)
    assert.match(metrics, /^process_resident_memory_bytes \d+$/m)
  } finally {
    await broker.stop()
  }
  await assert.rejects(fetch(`http://127.0.0.1:${logger.port}/health`))
})

test('a gateway address that cannot be had fails the start and leaves nothing running', async () => {
  const logger = new GatewayPort()
  const overrides = { 'millrace.http.listener': '127.0.0.1:0' }
  const broker = await startBroker({ logger, overrides })
  try {
    const taken = { 'millrace.http.listener': `127.0.0.1:${logger.port}` }
    await assert.rejects(startBroker({ overrides: taken }), { code: 'EADDRINUSE' })
    await assert.rejects(startBroker({ overrides: { 'millrace.http.listener': 'nowhere' } }), {
      code: 'MILLRACE_CONFIG',
    })
  } finally {
    await broker.stop()
  }
})
