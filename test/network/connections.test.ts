// Goal: order, muting, limits and endings of connections.
// Method: real table and responder over an engine that only remembers; the handler is a script of the test.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import type { Connection } from '../../src/network/connection.js'
import { Connections } from '../../src/network/connections.js'
import type { Frame } from '../../src/network/frame-queue.js'
import { Responder } from '../../src/network/responder.js'
import { HeartbeatResponse } from '../../src/protocol/messages/heartbeat.js'
import { RecordingEngine } from '../support/recording-engine.js'

const peer = { address: '10.0.0.1', port: 5, localAddress: '10.0.0.9', localPort: 9092 }

function setUp(limits: { connectionsMax?: number; connectionsPerIpMax?: number } = {}) {
  const engine = new RecordingEngine()
  const clock = new FakeClock()
  const timers = new TimingWheel({ clock })
  const handled: number[] = []
  const script = new Map<number, (connection: Connection, frame: Frame) => void>()
  const handler = (connection: Connection, frame: Frame) => {
    handled.push(frame.frame)
    script.get(frame.frame)?.(connection, frame)
    engine.release(frame.frame)
  }
  const connections = new Connections(
    engine.asEngine(),
    new Responder(engine.asEngine()),
    { clock, timers, logger: nullLogger, handler },
    {
      connectionFramesMax: 4,
      connectionsMax: 10,
      connectionsPerIpMax: 10,
      idleMsMax: 1000,
      listenerName: () => 'PLAINTEXT',
      ...limits,
    },
  )
  const frame = (connection: number, id: number) => connections.frame(connection, id, 0, 8, 0, id)
  return { engine, clock, timers, handled, script, connections, frame }
}

const target = (connection: Connection, sequence: number) => ({
  connection: connection.connection,
  sequence,
  apiKey: 12,
  apiVersion: 4,
  correlationId: 7,
})

test('a muted connection holds its frames until the answer, others go on', () => {
  const { connections, handled, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  connections.accepted(2, 0, peer)
  let waiting: Connection | undefined
  script.set(10, (connection) => {
    waiting = connection
    connection.mute()
  })
  frame(1, 10)
  frame(1, 11)
  frame(1, 12)
  frame(2, 20)
  assert.deepEqual(handled, [10, 20])
  waiting?.unmute()
  assert.deepEqual(handled, [10, 20])
  connections.drained()
  assert.deepEqual(handled, [10, 20, 11, 12])
})

test('a connection made ready outside of events goes on by itself', async () => {
  const { connections, handled, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  let waiting: Connection | undefined
  script.set(10, (connection) => {
    waiting = connection
    connection.mute()
  })
  frame(1, 10)
  frame(1, 11)
  waiting?.unmute()
  frame(1, 12)
  assert.deepEqual(handled, [10])
  await Promise.resolve()
  assert.deepEqual(handled, [10, 11, 12])
})

test('an answer given inside a handler does not nest another handler', () => {
  const { connections, handled, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  connections.accepted(2, 0, peer)
  let first: Connection | undefined
  script.set(10, (connection) => {
    first = connection
    connection.mute()
  })
  frame(1, 10)
  frame(1, 11)
  const order: string[] = []
  script.set(11, () => order.push('11'))
  script.set(20, () => {
    first?.unmute()
    order.push('20')
  })
  frame(2, 20)
  assert.deepEqual(order, ['20', '11'])
  assert.deepEqual(handled, [10, 20, 11])
})

test('a closed connection gives its waiting frames back and tells its listeners once', () => {
  const { connections, engine, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  let told = 0
  script.set(10, (connection) => {
    connection.mute()
    connection.onDisconnect(() => told++)
  })
  frame(1, 10)
  frame(1, 11)
  connections.closed(1)
  connections.closed(1)
  assert.equal(told, 1)
  assert.deepEqual(engine.released, [10, 11])
  frame(1, 12)
  assert.deepEqual(engine.released, [10, 11, 12])
  assert.equal(connections.size, 0)
})

test('connections past the limits are closed at once and leave room when others end', () => {
  const { connections, engine } = setUp({ connectionsMax: 2, connectionsPerIpMax: 1 })
  connections.accepted(1, 0, peer)
  connections.accepted(2, 0, peer)
  connections.accepted(3, 0, { ...peer, address: '10.0.0.2' })
  connections.accepted(4, 0, { ...peer, address: '10.0.0.3' })
  assert.deepEqual(engine.closed, [2, 4])
  connections.closed(1)
  connections.accepted(5, 0, peer)
  assert.deepEqual(engine.closed, [2, 4])
  assert.equal(connections.size, 2)
})

test('an idle connection is closed, a busy or waiting one is not', () => {
  const { connections, engine, clock, timers, script, frame } = setUp()
  for (const handle of [1, 2, 3]) connections.accepted(handle, 0, peer)
  script.set(30, (connection) => connection.mute())
  frame(3, 30)
  clock.advance(600)
  connections.drained()
  frame(2, 20)
  clock.advance(401)
  timers.advance()
  assert.deepEqual(engine.closed, [1])
  clock.advance(600)
  timers.advance()
  assert.deepEqual(engine.closed, [1, 2])
})

test('a reply carries its size, correlation id and body', () => {
  const { connections, engine, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  const schema = HeartbeatResponse
  script.set(10, (connection) => connection.reply(target(connection, 10), schema, { errorCode: 27 }))
  frame(1, 10)
  assert.equal(engine.sent[0]?.bytes.toString('hex'), '0000000c000000070000000000001b00')
})

test('the failure answer of an attached reply is sent when its ticket fails, and only then', () => {
  const { connections, engine, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  const attach =
    (ticket: number) =>
    (connection: Connection, { sequence }: Frame) =>
      connection.replyAfterAppends(
        target(connection, sequence),
        HeartbeatResponse,
        { errorCode: 0 },
        {
          ticket,
          appendCount: 1,
          onFailure: () => ({ errorCode: 56 }),
          written: () => false,
        },
      )
  for (const id of [1, 2, 3]) script.set(id, attach(100 + id))
  for (const id of [1, 2, 3]) frame(1, id)
  assert.deepEqual(
    engine.sent.map(({ ticket }) => ticket),
    [101, 102, 103],
  )
  assert.equal(connections.ticketFailed(102), true)
  assert.equal(connections.ticketFailed(102), false)
  assert.equal(engine.sent.at(-1)?.sequence, 2)
  assert.equal(engine.sent.at(-1)?.bytes.readInt16BE(13), 56)
})

test('what is written is forgotten with the next request', () => {
  const { connections, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  let written = false
  for (const id of [1, 2, 3]) {
    script.set(id, (connection, { sequence }) =>
      connection.replyAfterAppends(
        target(connection, sequence),
        HeartbeatResponse,
        { errorCode: 0 },
        {
          ticket: id,
          appendCount: 1,
          onFailure: () => ({ errorCode: 56 }),
          written: () => written && id < 3,
        },
      ),
    )
  }
  frame(1, 1)
  frame(1, 2)
  written = true
  frame(1, 3)
  assert.deepEqual(
    [1, 2, 3].map((ticket) => connections.ticketFailed(ticket)),
    [false, false, true],
  )
})

test('attached replies that must have left are forgotten', () => {
  const { connections, script, frame } = setUp()
  connections.accepted(1, 0, peer)
  for (let id = 1; id <= 40; id++) {
    script.set(id, (connection, { sequence }) =>
      connection.replyAfterAppends(
        target(connection, sequence),
        HeartbeatResponse,
        { errorCode: 0 },
        {
          ticket: id,
          appendCount: 1,
          onFailure: () => ({ errorCode: 56 }),
          written: () => false,
        },
      ),
    )
    frame(1, id)
  }
  assert.equal(connections.ticketFailed(20), false)
  assert.equal(connections.ticketFailed(38), true)
})
