import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Listeners } from '../../src/network/listeners.js'
import { RecordingEngine } from '../support/recording-engine.js'

const address = (
  name: string,
  host: string,
  port: number,
  advertised: { host: string; port: number } | null = null,
) => ({
  name,
  host,
  port,
  advertised,
})

test('a listener advertises its explicit address, else its host, else what was dialled', async () => {
  const engine = new RecordingEngine()
  const listeners = new Listeners(engine.asEngine())
  await listeners.bind(
    [
      address('PUBLIC', '0.0.0.0', 0, { host: 'broker.example', port: 0 }),
      address('HOST', 'localhost', 0),
      address('ANY', '', 9092),
    ],
    { backlog: 5 },
  )
  const dialled = { localAddress: '::ffff:10.1.1.1', localPort: 9092 }
  const told = ['PUBLIC', 'HOST', 'ANY'].map((listenerName) =>
    listeners.endpointFor({ listenerName, ...dialled }),
  )
  assert.deepEqual(told, [
    { host: 'broker.example', port: 40_001 },
    { host: 'localhost', port: 40_002 },
    { host: '10.1.1.1', port: 9092 },
  ])
})

test('when one address cannot be bound the others are closed again', async () => {
  const engine = new RecordingEngine()
  const listeners = new Listeners(engine.asEngine())
  const addresses = [address('A', '', 0), address('B', '', 1)]
  await assert.rejects(listeners.bind(addresses, { backlog: 5 }), /EACCES/)
  assert.equal(engine.openListeners, 0)
})
