import { assert } from '../base/assert.js'
import type { Draft, Schema } from '../protocol/schema.js'
import type { AnyApi, AttachOptions, RequestContext } from './api.js'
import type { Channel, ReceivedFrame, ReplyTarget } from './channel.js'

/**
 * One request from decoding to its answer: the context its handler sees. Finished exactly once; a second answer
 * is our bug. When the connection ends first the request counts as finished and later answers are dropped.
 */
export class Exchange implements RequestContext<Draft<Schema>>, ReplyTarget {
  readonly connection: number
  readonly sequence: number
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly frame: number
  readonly verdict: number
  finished = false
  private muting = false
  private disconnectListener: (() => void) | null = null

  constructor(
    readonly client: Channel,
    private readonly api: AnyApi,
    header: { readonly apiVersion: number; readonly correlationId: number },
    received: ReceivedFrame,
  ) {
    this.connection = client.connection
    this.sequence = received.sequence
    this.apiKey = api.key
    this.apiVersion = header.apiVersion
    this.correlationId = header.correlationId
    this.frame = received.frame
    this.verdict = received.verdict
  }

  get connected(): boolean {
    return this.client.connected
  }

  respond(response: Draft<Schema>): void {
    if (this.answerable()) this.client.reply(this, this.api.responseSchema, response)
    this.finish()
  }

  respondAfterAppends(response: Draft<Schema>, appends: AttachOptions<Draft<Schema>>): void {
    if (this.answerable()) {
      this.client.replyAfterAppends(this, this.api.responseSchema, response, appends)
    }
    this.finish()
  }

  respondNothing(): void {
    if (this.answerable()) this.client.skip(this.sequence)
    this.finish()
  }

  disconnect(reason: string): void {
    this.finish()
    this.client.close(reason)
  }

  onDisconnect(listener: () => void): void {
    if (this.finished) return
    this.dropListener()
    this.disconnectListener = listener
    this.client.onDisconnect(listener)
  }

  /** The handler answers later: the connection's next frame waits for it. */
  mute(): void {
    this.muting = true
    this.client.mute()
  }

  private answerable(): boolean {
    if (!this.connected) return false
    assert(!this.finished, 'A request is answered once.')
    return true
  }

  private finish(): void {
    this.finished = true
    this.dropListener()
    if (!this.muting) return
    this.muting = false
    this.client.unmute()
  }

  private dropListener(): void {
    if (this.disconnectListener === null) return
    this.client.offDisconnect(this.disconnectListener)
    this.disconnectListener = null
  }
}
