// Goal: what an operator and a harness see of a start, a stop and a failure. Method: a broker and a process that
// are played by the test.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { createLogger } from '../../src/base/logger.js'
import type { RunningBroker, StartOptions } from '../../src/broker.js'
import type { Host } from '../../src/cli/host.js'
import { type ServeOptions, serve } from '../../src/cli/serve.js'

class PlayedHost implements Host {
  signal: (signal: string) => void = () => {}
  uncaught: (error: Error) => void = () => {}
  readonly exits: number[] = []
  readonly errors: string[] = []

  onSignal(listener: (signal: string) => void): void {
    this.signal = listener
  }
  onUncaughtError(listener: (error: Error) => void): void {
    this.uncaught = listener
  }
  exit(code: number): void {
    this.exits.push(code)
  }
  writeError(text: string): void {
    this.errors.push(text)
  }
}

type Broker = Pick<RunningBroker, 'listeners' | 'lost' | 'stop'>

function play(changes: Partial<ServeOptions> = {}) {
  const lines: string[] = []
  const calls: string[] = []
  const host = new PlayedHost()
  const stopped = deferred()
  let lose: (error: Error) => void = () => {}
  const lost = new Promise<Error>((resolve) => {
    lose = resolve
  })
  const broker: Broker = {
    listeners: [
      { name: 'PLAINTEXT', host: '0.0.0.0', port: 9092 },
      { name: 'INSIDE', host: '::1', port: 9093 },
    ],
    lost,
    stop: () => stopped.promise,
  }
  const destination = { write: (line: string) => void lines.push(line.trim()) }
  const options: ServeOptions = {
    version: '1.2.3',
    logger: createLogger({ name: 'millrace', clock: new FakeClock(), destination }),
    startBroker: async () => broker,
    started: () => void calls.push('started'),
    propertiesPath: null,
    overrides: { 'log.dirs': '/var/lib/millrace' },
    environment: {},
    host,
    uptimeMs: () => 123.4,
    ...changes,
  }
  return {
    lines,
    calls,
    host,
    stopped,
    lose,
    options,
    events: () => lines.map((line) => line.replace(/^\[.*?\] /, '')),
  }
}

function deferred() {
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, resolve: () => settle?.resolve(), reject: (error: Error) => settle?.reject(error) }
}

/** Lets everything that waits for nothing but promises run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('announces what harnesses wait for, and stops on a signal with 0', async () => {
  const { options, host, stopped, events, calls } = play()
  const code = serve(options)
  await settle()
  assert.deepEqual(calls, ['started'])
  assert.deepEqual(events(), [
    'INFO [BrokerLifecycleManager id=1] The broker has been unfenced. Transitioning from RECOVERY to RUNNING. ' +
      '(kafka.server.BrokerLifecycleManager)',
    'INFO [KafkaRaftServer nodeId=1] Kafka Server started (kafka.server.KafkaRaftServer)',
    'INFO Millrace 1.2.3 serves localhost:9092, [::1]:9093, data in /var/lib/millrace, ready in 123 ms (millrace)',
  ])
  host.signal('SIGTERM')
  stopped.resolve()
  assert.equal(await code, 0)
  assert.deepEqual(events().slice(3), ['INFO Stopping signal=SIGTERM (millrace)', 'INFO Stopped (millrace)'])
  assert.deepEqual([host.exits, host.errors], [[], []])
})

test('a second signal ends the process at once', async () => {
  const { options, host, stopped } = play()
  const code = serve(options)
  await settle()
  host.signal('SIGINT')
  await settle()
  assert.deepEqual(host.exits, [])
  host.signal('SIGINT')
  assert.deepEqual(host.exits, [1])
  stopped.resolve()
  await code
})

test('a broker that lost its disks is stopped, and gives 1', async () => {
  const { options, stopped, lose, events } = play()
  const code = serve(options)
  await settle()
  lose(new Error('fdatasync /data: EIO'))
  stopped.resolve()
  assert.equal(await code, 1)
  assert.match(events().at(-2) ?? '', /cannot do without have failed/)
})

test('a stop that fails is told and gives 1', async () => {
  const { options, host, stopped, events } = play()
  const code = serve(options)
  await settle()
  host.signal('SIGTERM')
  stopped.reject(new Error('disk gone'))
  assert.equal(await code, 1)
  assert.match(events().at(-1) ?? '', /did not stop cleanly/)
})

test('an uncaught error of ours is logged and ends the process', async () => {
  const { options, host, events } = play()
  void serve(options)
  await settle()
  host.uncaught(new Error('an assertion'))
  assert.deepEqual(host.exits, [1])
  assert.match(events().at(-1) ?? '', /^ERROR An error inside the broker ends it err="an assertion"/)
})

test('a start that fails gives 1 and says what happened, what it means and what to do', async () => {
  const failWith = (error: object) => ({
    startBroker: () => Promise.reject(Object.assign(new Error('x'), error)),
  })
  const cases: [Partial<ServeOptions>, RegExp][] = [
    [failWith({ code: 'EADDRINUSE', port: 9092 }), /port 9092 is already in use[\s\S]*--override listeners=/],
    [failWith({ code: 'EADDRINUSE', path: '0.0.0.0' }), /0\.0\.0\.0:9092 is already in use/],
    [
      failWith({ code: 'ELOCKED', path: '/d/.lock' }),
      /locked by another process \(\/d\/.lock\)[\s\S]*log.dirs/,
    ],
    [failWith({ code: 'EACCES', path: '/root/d' }), /\/root\/d may not be used \(EACCES\)/],
    [failWith({ code: 'EEXIST', path: '/f' }), /\/f is not a directory/],
    [failWith({ code: 'ENOSPC', path: '/d' }), /no space left for \/d/],
    [failWith({ message: 'odd' }), /^millrace: odd\n/],
    [
      { overrides: { 'num.partitions': 'x' } },
      /Invalid value x for configuration num.partitions[\s\S]*KAFKA_NUM_PARTITIONS/,
    ],
    [{ propertiesPath: '/no/such.properties' }, /\/no\/such.properties does not exist[\s\S]*properties file/],
  ]
  for (const [changes, message] of cases) {
    const { options, host } = play(changes)
    assert.equal(await serve(options), 1)
    assert.match(host.errors.join(''), message)
    assert.ok(host.errors.join('').trimEnd().split('\n').length >= 3)
  }
})

test('warnings about the configuration are logged, the configuration reaches the broker', async () => {
  let given: StartOptions | undefined
  const { options, events } = play({
    overrides: { 'no.such': '1' },
    environment: { KAFKA_NODE_ID: '7' },
    startBroker: (start) => {
      given = start
      return Promise.reject(new Error('enough'))
    },
  })
  await serve(options)
  assert.deepEqual(events(), ['WARN Unknown properties are ignored: no.such (millrace)'])
  assert.equal(given?.config.nodeId, 7)
})
