import { type Engine, OUTBOX_RESERVE } from '../native/engine.js'
import { encode } from '../protocol/compile.js'
import { beginResponse, endFrame, RequestHeaderView } from '../protocol/headers.js'
import type { Draft, Schema } from '../protocol/schema.js'
import { Writer } from '../protocol/writer.js'

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

  constructor(private readonly engine: Engine) {}

  send<S extends Schema>(target: ReplyTarget, schema: S, response: Draft<S>): void {
    const { engine, writer } = this
    const start = this.encode(target, schema, response)
    const slices = writer.slices.count === 0 ? null : writer.slices
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
    if (writer.overflowed || writer.slices.count > 0) {
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
}
