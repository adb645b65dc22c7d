// Goal: no bytes a client can send crash, hang or bloat the broker.
// Method: a table of malformed frames, then random ones; after each the broker must serve an honest client.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import type { RunningBroker } from '../../src/index.js'
import * as calls from '../support/calls.js'
import { batchOf } from '../support/records.js'
import { requestFrame } from '../support/wire.js'
import { WireClient } from '../support/wire-client.js'
import { createTopic, fetchTexts, produceTexts, withBroker } from './fixture.js'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** Frames after which the broker closes the connection without a word. */
const closing: [string, Buffer][] = [
  ['a negative size', hex('ffffffff')],
  ['the smallest size', hex('80000000')],
  ['a size over the limit', hex('7fffffff')],
  ['an empty frame', hex('00000000')],
  ['half a header', hex('00000004 0012 0000')],
  ['an unknown key', hex('0000000a 7fff 0000 00000001 ffff')],
  ['a negative key', hex('0000000a ffff 0000 00000001 ffff')],
  ['a negative version', hex('0000000a 0003 ffff 00000001 ffff')],
  ['a version from the future', hex('0000000a 0003 0063 00000001 ffff')],
  ['a client id beyond the frame', hex('0000000a 0003 0000 00000001 7fff')],
  ['a negative string length', hex('0000000a 0003 0000 00000001 fffe')],
  ['an array count beyond the frame', hex('0000000e 0003 0001 00000001 ffff 7fffffff')],
  ['a negative array count', hex('0000000e 0003 0001 00000001 ffff fffffffe')],
  ['a compact array count beyond the frame', hex('00000010 0003 0009 00000001 ffff 00 ffffffff0f')],
  ['an endless varint', hex('00000011 0003 0009 00000001 ffff 00 ffffffffffff')],
  ['tagged fields beyond the frame', hex('0000000f 0003 0009 00000001 ffff ffffffff0f')],
  ['a body cut short', produceFrame().subarray(0, 60)],
]

function produceFrame(): Buffer {
  const frame = requestFrame(calls.produce[0], 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf(['x']) }] }],
  })
  return frame
}

test('malformed frames close their connection and nothing else', () =>
  withBroker(async (client, broker) => {
    await createTopic(client, 't')
    for (const [name, frame] of closing) {
      const bad = await WireClient.open(broker.bootstrap)
      const bytes = Buffer.from(frame)
      // A frame cut short must say so in its size, or the broker waits for the rest as it should.
      if (name === 'a body cut short') bytes.writeInt32BE(bytes.length - 4)
      bad.write(bytes)
      assert.equal(await bad.next(), null, name)
      bad.close()
    }
    assert.deepEqual(await produceTexts(client, 't', ['fine']), { errorCode: 0, baseOffset: 0 })
  }))

test('an unknown version of ApiVersions is answered and the connection goes on', () =>
  withBroker(async (client) => {
    client.write(hex('0000000a 0012 7fff 00000005 ffff'))
    const frame = await client.next()
    assert.equal(frame?.toString('hex'), '000000050023000000010012' + '00000004')
    const { errorCode } = await client.call(calls.apiVersions, 0, {})
    assert.equal(errorCode, 0)
  }))

test('frames arrive byte by byte and many at once', () =>
  withBroker(async (client) => {
    const frame = requestFrame(calls.apiVersions[0], 0, {})
    for (const byte of frame) {
      client.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(await client.next())
    client.write(Buffer.concat(Array.from({ length: 300 }, () => frame)))
    for (let i = 0; i < 300; i++) assert.ok(await client.next())
  }))

test('a client that hangs up while it waits leaves nothing behind', () =>
  withBroker(async (client, broker) => {
    await createTopic(client, 't')
    for (let i = 0; i < 50; i++) {
      const leaver = await WireClient.open(broker.bootstrap)
      fetchTexts(leaver, 't', { maxWaitMs: 60_000 }).catch(() => {})
      await new Promise((resolve) => setImmediate(resolve))
      leaver.close()
    }
    assert.deepEqual(await produceTexts(client, 't', ['fine']), { errorCode: 0, baseOffset: 0 })
  }, {}))

test('thousands of damaged and random frames leave an honest client served', () =>
  withBroker(async (client, broker) => {
    await createTopic(client, 't')
    const random = new SeededRandom(20260131)
    const seeds = [
      produceFrame(),
      requestFrame(calls.metadata[0], 9, { topics: [{ name: 't' }], allowAutoTopicCreation: false }),
      requestFrame(calls.apiVersions[0], 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' }),
      requestFrame(calls.describeConfigs[0], 4, {
        resources: [{ resourceType: 2, resourceName: 't', configurationKeys: null }],
      }),
      requestFrame(calls.createTopics[0], 7, {
        topics: [{ name: 'x', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
        validateOnly: true,
      }),
      requestFrame(calls.findCoordinator[0], 4, { keyType: 0, coordinatorKeys: ['g'] }),
    ]
    for (let round = 0; round < 60; round++) {
      const frames = Array.from({ length: 50 }, () =>
        damage(seeds[random.int(seeds.length)] as Buffer, random),
      )
      await sendAll(broker, frames)
    }
    const { errorCode } = await produceTexts(client, 't', ['fine'])
    assert.equal(errorCode, 0)
  }))

function damage(seed: Buffer, random: SeededRandom): Buffer {
  if (random.int(10) === 0) {
    const body = random.bytes(random.int(200))
    const size = Buffer.alloc(4)
    size.writeInt32BE(body.length)
    return Buffer.concat([size, body])
  }
  const frame = Buffer.from(seed)
  const flips = 1 + random.int(4)
  for (let i = 0; i < flips; i++) frame[4 + random.int(frame.length - 4)] = random.int(256)
  return frame
}

/** A new connection for what follows each one the broker closed. Ends when all were sent. */
async function sendAll(broker: RunningBroker, frames: readonly Buffer[]): Promise<void> {
  let client = await WireClient.open(broker.bootstrap)
  for (const frame of frames) {
    if (client.ended) client = await WireClient.open(broker.bootstrap)
    client.write(frame)
  }
  client.close()
}
