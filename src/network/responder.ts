import { type Engine, OUTBOX_RESERVE, type SliceList } from '../native/engine.js'
import { encode } from '../protocol/compile.js'
import { beginResponse, endFrame, RequestHeaderView } from '../protocol/headers.js'
import type { Draft, Schema } from '../protocol/schema.js'
import { type SlicePart, Writer } from '../protocol/writer.js'

/** What a records field of a reply holds when the bytes come from a segment file. */
export interface FileSlice {
  readonly log: number
  readonly segment: number
  readonly position: number
}

/** Which frame is answered, and in which dialect. */
export interface ReplyTarget {
  readonly connection: number
  readonly sequence: number
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
}

/**
 * Encodes replies straight into the engine's outbox. A reply that outgrows what the outbox guarantees moves to
 * the heap and is copied once more by the engine. Encoding is synchronous, so one writer serves all connections.
 */
export class Responder {
  private readonly writer = new Writer()
  private readonly header = new RequestHeaderView()
  private slices: GrowingSlices = growSlices(64)

  constructor(private readonly engine: Engine) {}

  send<S extends Schema>(target: ReplyTarget, schema: S, response: Draft<S>): void {
    const { engine, writer } = this
    const start = this.encode(target, schema, response)
    const slices = writer.parts.length === 0 ? null : this.sliceList(writer.parts)
    const { connection, sequence } = target
    if (writer.overflowed) engine.sendBuffer(connection, sequence, writer.bytesWritten(), slices)
    else engine.send(connection, sequence, start, start + writer.length, slices)
  }

  /**
   * The reply leaves when the appends are written. False when it is too large to be attached: then the ticket
   * is settled by an event and the caller sends the reply itself.
   */
  sendAfterAppends<S extends Schema>(
    target: ReplyTarget,
    schema: S,
    response: Draft<S>,
    appends: { readonly ticket: number; readonly appendCount: number },
  ): boolean {
    const { engine, writer } = this
    const start = this.encode(target, schema, response)
    const { ticket, appendCount } = appends
    if (writer.overflowed || writer.parts.length > 0) {
      engine.awaitAppends(ticket, appendCount)
      return false
    }
    const { connection, sequence } = target
    engine.sendAfterAppends(connection, sequence, start, start + writer.length, ticket, appendCount)
    return true
  }

  private encode<S extends Schema>(target: ReplyTarget, schema: S, response: Draft<S>): number {
    const { engine, writer, header } = this
    const start = engine.outboxStart()
    writer.reset(engine.outbox, start, start + OUTBOX_RESERVE)
    header.apiKey = target.apiKey
    header.apiVersion = target.apiVersion
    header.correlationId = target.correlationId
    beginResponse(writer, header)
    encode(schema, target.apiVersion, writer, response)
    endFrame(writer)
    return start
  }

  private sliceList(parts: readonly SlicePart[]): SliceList {
    if (parts.length > this.slices.at.length) this.slices = growSlices(parts.length * 2)
    const list = this.slices
    list.count = parts.length
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as SlicePart
      const slice = part.slice as FileSlice
      list.at[i] = part.at
      list.log[i] = slice.log
      list.segment[i] = slice.segment
      list.position[i] = slice.position
      list.length[i] = part.length
    }
    return list
  }
}

interface GrowingSlices extends SliceList {
  count: number
}

function growSlices(capacity: number): GrowingSlices {
  return {
    count: 0,
    at: new Int32Array(capacity),
    log: new Int32Array(capacity),
    segment: new Float64Array(capacity),
    position: new Float64Array(capacity),
    length: new Int32Array(capacity),
  }
}
