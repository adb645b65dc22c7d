// Goal: both servers give the same answers. Method: real sockets on free ports of the loopback interface.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '../../src/base/logger.js'
import { MetricsRegistry } from '../../src/base/metrics.js'
import { parseAddress, startGateway } from '../../src/gateway/gateway.js'
import { type HttpBackend, type HttpHandler, openHttpBackend } from '../../src/gateway/http-backend.js'
import { nodeBackend } from '../../src/gateway/node-backend.js'
import { uwsBackend } from '../../src/gateway/uws-backend.js'

async function backends(): Promise<[string, (handler: HttpHandler) => Promise<HttpBackend>][]> {
  const both: [string, (handler: HttpHandler) => Promise<HttpBackend>][] = [
    ['node:http', async (handler) => nodeBackend(handler)],
  ]
  try {
    const probe = await uwsBackend(() => ({ status: 200, contentType: '', body: '' }))
    await probe.close()
    both.push(['uWebSockets.js', uwsBackend])
  } catch {
    // No binary for this Node: the fallback is what there is to test.
  }
  return both
}

for (const [name, open] of await backends()) {
  test(`${name}: health, readiness, metrics and refusals`, async () => {
    const metrics = new MetricsRegistry()
    metrics.counter('millrace_test_total', 'Test.').add(2)
    let ready = false
    let handler: HttpHandler = () => assert.fail('not set')
    const backend = await open((method, path) => handler(method, path))
    const gateway = await startGateway({
      listener: '127.0.0.1:0',
      logger: nullLogger,
      metrics,
      ready: () => ready,
      backend: (given) => {
        handler = given
        return backend
      },
    })
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { method })
      return [response.status, response.headers.get('content-type'), await response.text()]
    }
    assert.deepEqual(await ask('/health'), [200, 'application/json', '{"status":"ok"}'])
    assert.deepEqual(await ask('/ready?verbose'), [503, 'application/json', '{"status":"not ready"}'])
    ready = true
    assert.deepEqual((await ask('/ready'))[0], 200)
    assert.deepEqual(await ask('/metrics'), [
      200,
      'text/plain; version=0.0.4',
      '# HELP millrace_test_total Test.\n# TYPE millrace_test_total counter\nmillrace_test_total 2\n',
    ])
    assert.deepEqual(await ask('/health', 'HEAD'), [200, 'application/json', ''])
    assert.equal((await ask('/health', 'DELETE'))[0], 405)
    assert.equal((await ask('/nothing'))[0], 404)
    metrics.gauge('millrace_broken', 'Broken.', () => {
      throw new Error('ours')
    })
    assert.equal((await ask('/metrics'))[0], 500)
    const second = await open(() => ({ status: 200, contentType: '', body: '' }))
    await assert.rejects(second.listen({ host: '127.0.0.1', port: gateway.port }), { code: 'EADDRINUSE' })
    await second.close()
    await gateway.stop()
    await assert.rejects(ask('/health'))
  })
}

test('the best server that loads is taken', async () => {
  const backend = await openHttpBackend(() => ({ status: 200, contentType: '', body: '' }), nullLogger)
  assert.ok(['node:http', 'uWebSockets.js'].includes(backend.name))
  await backend.close()
})

test('addresses', () => {
  assert.deepEqual(parseAddress('localhost:8080'), { host: 'localhost', port: 8080 })
  assert.deepEqual(parseAddress(':0'), { host: '0.0.0.0', port: 0 })
  assert.deepEqual(parseAddress('[::1]:80'), { host: '::1', port: 80 })
  for (const bad of ['8080', 'http://x:1', 'a:b', 'x:70000', '']) {
    assert.throws(() => parseAddress(bad), { code: 'MILLRACE_CONFIG' })
  }
})
