import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ListenerSettings, parseListeners } from '../../src/config/listeners.js'

const settings: ListenerSettings = {
  listeners: ['PLAINTEXT://:9092'],
  listenersGiven: true,
  advertised: null,
  protocolMap: 'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
  controllerNames: [],
}

const parse = (changes: Partial<ListenerSettings>) => parseListeners({ ...settings, ...changes })

test('hosts of every kind, names by the map, port 0', () => {
  const { listeners } = parse({
    listeners: ['plaintext://:0', 'INSIDE://[::1]:9093', 'V4://127.0.0.1:9093', 'NAMED://broker-1.local:0'],
    protocolMap: 'INSIDE:PLAINTEXT, V4:PLAINTEXT,NAMED:plaintext',
  })
  assert.deepEqual(listeners, [
    { name: 'PLAINTEXT', host: '', port: 0, advertised: null },
    { name: 'INSIDE', host: '::1', port: 9093, advertised: null },
    { name: 'V4', host: '127.0.0.1', port: 9093, advertised: null },
    { name: 'NAMED', host: 'broker-1.local', port: 0, advertised: null },
  ])
})

test('advertised addresses belong to listeners by name', () => {
  const advertised = ['PLAINTEXT://[2001:db8::1]:19092']
  assert.deepEqual(parse({ advertised }).listeners, [
    { name: 'PLAINTEXT', host: '', port: 9092, advertised: { host: '2001:db8::1', port: 19092 } },
  ])
})

test('advertised alone gives the listeners too', () => {
  const { listeners } = parse({ listenersGiven: false, advertised: ['PLAINTEXT://localhost:29092'] })
  const advertised = { host: 'localhost', port: 29092 }
  assert.deepEqual(listeners, [{ name: 'PLAINTEXT', host: '0.0.0.0', port: 29092, advertised }])
})

test('a controller listener of a Kafka file stays closed', () => {
  const { listeners, skipped } = parse({
    listeners: ['PLAINTEXT://:9092', 'CONTROLLER://:9093'],
    controllerNames: ['CONTROLLER'],
    protocolMap: 'CONTROLLER:PLAINTEXT',
  })
  assert.deepEqual(
    listeners.map((listener) => listener.name),
    ['PLAINTEXT'],
  )
  assert.deepEqual(skipped, ['CONTROLLER'])
})

test('refusals say what is wrong', () => {
  const refused: [Partial<ListenerSettings>, RegExp][] = [
    [{ listeners: ['localhost:9092'] }, /is not a listener; write NAME:\/\/host:port/],
    [{ listeners: ['PLAINTEXT://h:70000'] }, /is not a listener/],
    [{ listeners: ['PLAINTEXT://h:1', 'plaintext://h:2'] }, /name PLAINTEXT is used twice/],
    [
      { listeners: ['PLAINTEXT://a:1', 'X://b:1'], protocolMap: 'X:PLAINTEXT' },
      /PLAINTEXT and X use the same port 1/,
    ],
    [{ listeners: ['X://:1'] }, /No security protocol defined for listener X/],
    [{ listeners: ['SSL://:1'] }, /Listener SSL asks for SSL/],
    [{ listeners: ['X://:1'], protocolMap: 'X:SASL_PLAINTEXT' }, /Listener X asks for SASL_PLAINTEXT/],
    [{ protocolMap: 'X:TLS' }, /X:TLS is not NAME:PROTOCOL/],
    [{ advertised: ['OTHER://h:1'] }, /OTHER is not among the listeners/],
    [{ advertised: ['PLAINTEXT://0.0.0.0:1'] }, /must name an address that clients can reach/],
    [{ controllerNames: ['PLAINTEXT'] }, /No listener for clients is left/],
  ]
  for (const [changes, message] of refused) {
    assert.throws(() => parse(changes), { code: 'MILLRACE_CONFIG', message })
  }
})
