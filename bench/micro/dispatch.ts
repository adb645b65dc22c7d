// Question: what does the script cost per request, from the engine's frame event to the encoded reply?
// Unit: one request of one partition. The engine only remembers where the reply ended; the handlers answer at once,
// so this is decoding, routing, the exchange and encoding, and no log.

import { type AnyApi, api } from '../../src/api/api.js'
import { createDispatch } from '../../src/api/dispatch.js'
import { ApiTable } from '../../src/api/table.js'
import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import { type Engine, FrameVerdict, OUTBOX_RESERVE } from '../../src/native/engine.js'
import { Connections } from '../../src/network/connections.js'
import { Responder } from '../../src/network/responder.js'
import { ApiKey } from '../../src/protocol/api-key.js'
import { encode } from '../../src/protocol/compile.js'
import { beginRequest, endFrame, RequestHeaderView } from '../../src/protocol/headers.js'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.js'
import { HeartbeatRequest, HeartbeatResponse } from '../../src/protocol/messages/heartbeat.js'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.js'
import type { Draft, Schema } from '../../src/protocol/schema.js'
import { Writer } from '../../src/protocol/writer.js'
import { type MicroBench, mix, type Subject } from './harness.js'
import { fetchAnswerOf, fetchOf, produceAnswerOf, produceOf } from './messages.js'

const ONE = { topics: 1, partitions: 1 }
const PEER = { address: '127.0.0.1', port: 1, localAddress: '127.0.0.1', localPort: 9092 }

export const dispatch: MicroBench = {
  name: 'dispatch',
  question: 'What does the script cost per request, from frame to encoded reply?',
  unit: 'request',
  parameters: {
    requests: { small: 4, real: 2_000 },
    connections: { small: 2, real: 64 },
    recordsBytes: { small: 100, real: 1_000 },
  },
  open({ requests = 0, connections = 0, recordsBytes = 0 }) {
    const size = { requests, connections }
    const produce = { ...ONE, recordsBytes }
    return {
      subjects: [
        dispatching('Heartbeat v4', frameOf(HeartbeatRequest, 4, HEARTBEAT), size),
        dispatching('Produce v9', frameOf(ProduceRequest, 9, produceOf(produce)), size),
        dispatching('Fetch v12', frameOf(FetchRequest, 12, fetchOf(ONE)), size),
      ],
    }
  },
}

const HEARTBEAT = { groupId: 'orders', generationId: 7, memberId: 'member-0001' }

/** What dispatch, the connections and the responder use of an engine. */
class CountingEngine {
  readonly slab = Buffer.alloc(1 << 20)
  readonly outbox = Buffer.alloc(OUTBOX_RESERVE)
  hash = 0

  outboxStart(): number {
    return 0
  }

  send(connection: number, _sequence: number, start: number, end: number): void {
    this.hash = mix(this.hash, connection + end - start)
  }

  release(frame: number): void {
    this.hash = mix(this.hash, frame)
  }
}

function dispatching(
  name: string,
  frame: Buffer,
  { requests, connections }: { readonly requests: number; readonly connections: number },
): Subject {
  const counting = new CountingEngine()
  const engine = counting as unknown as Engine
  const clock = new FakeClock()
  const table = new Connections(
    engine,
    new Responder(engine),
    {
      clock,
      timers: new TimingWheel({ clock }),
      logger: nullLogger,
      handler: createDispatch({ table: new ApiTable(instantApis()), engine, clock, logger: nullLogger }),
    },
    {
      connectionFramesMax: 128,
      connectionsMax: connections,
      connectionsPerIpMax: connections,
      idleMsMax: -1,
      listenerName: () => 'PLAINTEXT',
    },
  )
  for (let connection = 0; connection < connections; connection++) table.accepted(connection, 0, PEER)
  frame.copy(counting.slab)
  return {
    name,
    operations: requests,
    run() {
      counting.hash = 0
      for (let i = 0; i < requests; i++) {
        table.frame(i % connections, i, 0, frame.length, FrameVerdict.Verified, i)
      }
      table.drained()
      return counting.hash
    },
  }
}

/** Handlers whose answers are ready. */
function instantApis(): AnyApi[] {
  const produced = produceAnswerOf(ONE)
  const fetched = fetchAnswerOf({ ...ONE, recordsBytes: 16_384 })
  return [
    api({
      key: ApiKey.Produce,
      min: 3,
      max: 13,
      request: ProduceRequest,
      response: ProduceResponse,
      pipelined: true,
      handle: () => produced,
      onError: () => produced,
    }),
    api({
      key: ApiKey.Fetch,
      min: 4,
      max: 18,
      request: FetchRequest,
      response: FetchResponse,
      handle: () => fetched,
      onError: () => fetched,
    }),
    api({
      key: ApiKey.Heartbeat,
      min: 0,
      max: 4,
      request: HeartbeatRequest,
      response: HeartbeatResponse,
      handle: () => ({ errorCode: 0 }),
      onError: (_request, errorCode) => ({ errorCode }),
    }),
  ]
}

/** A request frame without its size prefix. */
function frameOf<S extends Schema>(schema: S, version: number, body: Draft<S>): Buffer {
  const writer = new Writer().reset()
  const header = new RequestHeaderView()
  header.apiKey = schema.key
  header.apiVersion = version
  header.clientId = 'bench'
  beginRequest(writer, header)
  encode(schema, version, writer, body)
  endFrame(writer)
  return Buffer.from(writer.bytesWritten().subarray(4))
}
