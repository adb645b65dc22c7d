// Goal: what dispatch does with every kind of frame and every way a handler can end.
// Method: real connections and responder over an engine that only remembers; handlers are made here.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AnyApi, api, type RequestContext } from '../../src/api/api.js'
import { createDispatch } from '../../src/api/dispatch.js'
import { ApiTable } from '../../src/api/table.js'
import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import { Connections } from '../../src/network/connections.js'
import { Responder } from '../../src/network/responder.js'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/messages/api-versions.js'
import { HeartbeatRequest, HeartbeatResponse } from '../../src/protocol/messages/heartbeat.js'
import { RecordingEngine } from '../support/recording-engine.js'
import { readResponse, requestFrame } from '../support/wire.js'

type Answer = { errorCode: number }
type Handle = (request: unknown, context: RequestContext<Answer>) => Answer | Promise<Answer> | undefined

const heartbeat = (handle: Handle, pipelined = false) =>
  api({
    key: 12,
    min: 1,
    max: 4,
    request: HeartbeatRequest,
    response: HeartbeatResponse,
    pipelined,
    handle: handle as never,
    onError: (_request, errorCode) => ({ errorCode }),
  })

const versions = api({
  key: 18,
  min: 0,
  max: 4,
  request: ApiVersionsRequest,
  response: ApiVersionsResponse,
  handle: () => ({ errorCode: 0, apiKeys: [] }),
  onError: (_request, errorCode) => ({ errorCode, apiKeys: [] }),
})

function setUp(apis: AnyApi[]) {
  const engine = new RecordingEngine()
  const clock = new FakeClock()
  const dispatch = createDispatch({ table: new ApiTable(apis), engine, clock, logger: nullLogger })
  const connections = new Connections(
    engine.asEngine(),
    new Responder(engine.asEngine()),
    { clock, timers: new TimingWheel({ clock }), logger: nullLogger, handler: dispatch },
    {
      connectionFramesMax: 4,
      connectionsMax: 9,
      connectionsPerIpMax: 9,
      idleMsMax: -1,
      listenerName: () => 'PLAINTEXT',
    },
  )
  connections.accepted(1, 0, { address: '::1', port: 1, localAddress: '::1', localPort: 2 })
  let sequence = 0
  const receive = (frame: Buffer) => {
    const { position, length, frame: id } = engine.place(frame.subarray(4))
    connections.frame(1, sequence++, position, length, 0, id)
  }
  const beat = (version = 4, correlationId = 1) =>
    receive(
      requestFrame(
        HeartbeatRequest,
        version,
        { groupId: 'g', generationId: 1, memberId: 'm' },
        { correlationId },
      ),
    )
  const answers = () =>
    engine.sent.map(({ bytes }) => readResponse(HeartbeatResponse, 4, bytes.subarray(4)).body.errorCode)
  return { engine, connections, receive, beat, answers }
}

test('a synchronous answer leaves with the correlation id and the frame is given back', () => {
  const { engine, beat } = setUp([heartbeat(() => ({ errorCode: 27 }))])
  beat(4, 99)
  const { correlationId, body, rest } = readResponse(
    HeartbeatResponse,
    4,
    engine.sent[0]?.bytes.subarray(4) as Buffer,
  )
  assert.deepEqual([correlationId, body.errorCode, rest], [99, 27, 0])
  assert.deepEqual(engine.released, [0])
})

test('an answer that is promised holds the next request back', async () => {
  const pending: ((answer: Answer) => void)[] = []
  const handle = () => new Promise<Answer>((resolve) => pending.push(resolve))
  const { beat, answers } = setUp([heartbeat(handle)])
  beat()
  beat()
  assert.equal(pending.length, 1)
  pending[0]?.({ errorCode: 1 })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(pending.length, 2)
  pending[1]?.({ errorCode: 2 })
  await Promise.resolve()
  assert.deepEqual(answers(), [1, 2])
})

test('a pipelined api does not hold the next request back', () => {
  const contexts: RequestContext<Answer>[] = []
  const { beat, engine } = setUp([
    heartbeat((_request, context) => {
      contexts.push(context)
      return undefined
    }, true),
  ])
  beat()
  beat()
  assert.equal(contexts.length, 2)
  contexts[1]?.respond({ errorCode: 0 })
  contexts[0]?.respondNothing()
  assert.deepEqual(
    engine.sent.map(({ sequence }) => sequence),
    [1],
  )
  assert.deepEqual(engine.skipped, [0])
})

test('an answer given through the context later releases the next request', () => {
  const contexts: RequestContext<Answer>[] = []
  const { beat, answers, connections } = setUp([
    heartbeat((_request, context) => {
      contexts.push(context)
      return undefined
    }),
  ])
  beat()
  beat()
  assert.equal(contexts.length, 1)
  contexts[0]?.respond({ errorCode: 5 })
  connections.drained()
  assert.equal(contexts.length, 2)
  assert.deepEqual(answers(), [5])
  assert.throws(() => contexts[0]?.respond({ errorCode: 6 }), /once/)
})

for (const [name, handle] of [
  ['throws', () => assert.fail('a bug')],
  ['rejects', () => Promise.reject(new Error('a bug'))],
  ['answers what cannot be encoded', () => ({ errorCode: {} as number, throttleTimeMs: Symbol() as never })],
] as [string, Handle][]) {
  test(`a handler that ${name} is answered for with UNKNOWN_SERVER_ERROR`, async () => {
    const { beat, answers, engine } = setUp([heartbeat(handle)])
    beat()
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(answers(), [-1])
    assert.deepEqual(engine.released, [0])
  })
}

const malformed: [string, Buffer][] = [
  ['an empty frame', Buffer.alloc(4)],
  ['half a header', Buffer.from('00000003000c00', 'hex')],
  ['an unknown api key', Buffer.from('00000008' + '7fff00000000000affff', 'hex')],
  ['a negative api key', Buffer.from('00000008' + 'ffff00000000000affff', 'hex')],
  [
    'a version below the first',
    requestFrame(HeartbeatRequest, 0, { groupId: '', generationId: 0, memberId: '' }),
  ],
  ['a version above the last', Buffer.from('0000000a000c00630000000affff', 'hex')],
  [
    'half a body',
    requestFrame(HeartbeatRequest, 4, { groupId: 'group', generationId: 0, memberId: 'm' }).subarray(0, 22),
  ],
]

for (const [name, frame] of malformed) {
  test(`${name} closes the connection without an answer`, () => {
    const { engine, receive, connections } = setUp([heartbeat(() => ({ errorCode: 0 })), versions])
    receive(frame)
    assert.deepEqual([engine.closed, engine.sent, engine.released], [[1], [], [0]])
    connections.closed(1)
    assert.equal(connections.size, 0)
  })
}

test('an unknown version of ApiVersions is answered in version 0 and the connection stays', () => {
  const { engine, receive } = setUp([versions])
  receive(Buffer.from('0000000a001200630000002affff', 'hex'))
  const { correlationId, body } = readResponse(
    ApiVersionsResponse,
    0,
    engine.sent[0]?.bytes.subarray(4) as Buffer,
  )
  assert.equal(correlationId, 42)
  assert.deepEqual([body.errorCode, body.apiKeys], [35, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]])
  assert.deepEqual(engine.closed, [])
})

test('a request whose connection ended hears of it and its late answer is dropped', () => {
  let context: RequestContext<Answer> | undefined
  let gone = 0
  const { beat, engine, connections } = setUp([
    heartbeat((_request, given) => {
      context = given
      given.onDisconnect(() => gone++)
      return undefined
    }),
  ])
  beat()
  connections.closed(1)
  context?.respond({ errorCode: 0 })
  assert.deepEqual([gone, context?.connected, engine.sent.length], [1, false, 0])
})

test('an answered request no longer hears of the end', () => {
  let gone = 0
  const { beat, connections } = setUp([
    heartbeat((_request, context) => {
      context.onDisconnect(() => gone++)
      return { errorCode: 0 }
    }),
  ])
  beat()
  connections.closed(1)
  assert.equal(gone, 0)
})
