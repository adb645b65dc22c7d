// Goal: settings that change while the broker runs, and addresses that clients are told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as calls from '../support/calls.js'
import { batchOf } from '../support/records.js'
import { WireClient } from '../support/wire-client.js'
import { createTopic, produce, withBroker } from './fixture.js'

const set = (resourceType: number, resourceName: string, name: string, value: string | null) => ({
  resources: [
    { resourceType, resourceName, configs: [{ name, value, configOperation: value === null ? 1 : 0 }] },
  ],
  validateOnly: false,
})

test('a limit set for a topic or as the default of all topics counts at once', () =>
  withBroker(async (client) => {
    await createTopic(client, 'own')
    await createTopic(client, 'default')
    const large = batchOf(['x'.repeat(2_000)])
    const codes = async () => [
      (await produce(client, 'own', large)).errorCode,
      (await produce(client, 'default', large)).errorCode,
    ]
    assert.deepEqual(await codes(), [0, 0])
    await client.call(calls.incrementalAlterConfigs, 1, set(2, 'own', 'max.message.bytes', '1000'))
    assert.deepEqual(await codes(), [ErrorCode.MESSAGE_TOO_LARGE, 0])
    await client.call(calls.incrementalAlterConfigs, 1, set(4, '', 'message.max.bytes', '1000'))
    assert.deepEqual(await codes(), [ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.MESSAGE_TOO_LARGE])
    await client.call(calls.incrementalAlterConfigs, 1, set(4, '', 'message.max.bytes', null))
    await client.call(calls.incrementalAlterConfigs, 1, set(2, 'own', 'max.message.bytes', null))
    assert.deepEqual(await codes(), [0, 0])
  }))

test('connections past a limit that was lowered are refused', () =>
  withBroker(async (client, broker) => {
    const lowered = await client.call(calls.incrementalAlterConfigs, 1, set(4, '', 'max.connections', '1'))
    assert.equal(lowered.responses[0]?.errorCode, 0)
    const second = await WireClient.open(broker.bootstrap)
    assert.equal(await second.next(), null)
    const { errorCode } = await client.call(calls.apiVersions, 0, {})
    assert.equal(errorCode, 0)
  }))

test('a listener on every interface tells each client the address it dialled', () =>
  withBroker(
    async (client, broker) => {
      const { brokers } = await client.call(calls.metadata, 9, { topics: [] })
      assert.deepEqual(
        brokers.map(({ host, port }) => `${host}:${port}`),
        [broker.bootstrap],
      )
      assert.ok(broker.bootstrap.startsWith('127.0.0.1:'))
    },
    { host: '0.0.0.0' },
  ))

test('an advertised address is told as it is', () =>
  withBroker(
    async (client) => {
      const { brokers } = await client.call(calls.metadata, 9, { topics: [] })
      assert.deepEqual(
        brokers.map(({ host, port }) => `${host}:${port}`),
        ['broker.example:1234'],
      )
    },
    { overrides: { 'advertised.listeners': 'PLAINTEXT://broker.example:1234' } },
  ))
