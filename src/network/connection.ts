import { TimerEntry } from '../base/timing-wheel.js'
import type { Peer } from '../native/engine.js'
import type { Draft, Schema } from '../protocol/schema.js'
import { AttachedReplies, type AwaitedAppends } from './attached-replies.js'
import type { Connections } from './connections.js'
import { type Frame, FrameQueue } from './frame-queue.js'
import type { ReplyTarget } from './responder.js'

/** Principal of a connection that has not authenticated, as Kafka prints it. */
const ANONYMOUS = 'User:ANONYMOUS'

/**
 * One client connection, from `accepted` to `closed`. Owned by `Connections`.
 *
 * Order: frames are handled in the order of arrival. While it is muted the next frame waits in the queue; the
 * reader of a frame mutes it when the answer comes later and unmutes it with the answer. Replies carry the
 * frame's sequence, so the reactor sends them in order even when pipelined requests finish out of order.
 */
export class Connection extends TimerEntry {
  readonly connection: number
  readonly listenerName: string
  readonly host: string
  readonly localAddress: string
  readonly localPort: number
  readonly queue = new FrameQueue()
  clientId: string | null = null
  principal = ANONYMOUS
  softwareName = 'unknown'
  softwareVersion = 'unknown'
  /** False from the moment closing was asked for or seen. */
  connected = true
  muted = false
  lastActiveMs: number
  private readonly attached: AttachedReplies
  private listeners: Set<() => void> | null = null

  constructor(
    private readonly owner: Connections,
    options: { handle: number; peer: Peer; listenerName: string; nowMs: number },
  ) {
    super()
    this.connection = options.handle
    this.listenerName = options.listenerName
    this.host = options.peer.address
    this.localAddress = options.peer.localAddress
    this.localPort = options.peer.localPort
    this.lastActiveMs = options.nowMs
    this.attached = new AttachedReplies(owner.options.connectionFramesMax)
  }

  reply<S extends Schema>(target: ReplyTarget, schema: S, response: Draft<S>): void {
    if (this.connected) this.owner.responder.send(target, schema, response)
  }

  replyAfterAppends<S extends Schema>(
    target: ReplyTarget,
    schema: S,
    response: Draft<S>,
    appends: AwaitedAppends<Draft<S>>,
  ): void {
    if (!this.connected) return
    const sent = this.owner.responder.sendAfterAppends(target, schema, response, appends)
    this.attached.add({ target, schema, late: sent ? null : response, appends })
  }

  /** The frame gets no reply. */
  skip(sequence: number): void {
    if (this.connected) this.owner.engine.skip(this.connection, sequence)
  }

  mute(): void {
    this.muted = true
  }

  unmute(): void {
    if (!this.muted) return
    this.muted = false
    if (this.queue.size > 0) this.owner.resume(this)
  }

  /** Replies already sent still leave; frames that wait are dropped. */
  close(reason: string): void {
    if (!this.connected) return
    this.owner.noteClose(this, reason)
    this.ended()
    this.owner.engine.close(this.connection)
  }

  onDisconnect(listener: () => void): void {
    this.listeners ??= new Set()
    this.listeners.add(listener)
  }

  offDisconnect(listener: () => void): void {
    this.listeners?.delete(listener)
  }

  ticketDone(ticket: number): boolean {
    const attached = this.attached.take(ticket)
    if (attached !== undefined && attached.late !== null) {
      this.reply(attached.target, attached.schema, attached.late)
    }
    return attached !== undefined
  }

  ticketFailed(ticket: number): boolean {
    const attached = this.attached.take(ticket)
    if (attached !== undefined) this.reply(attached.target, attached.schema, attached.appends.onFailure())
    return attached !== undefined
  }

  /** Everything that waits on this connection learns that nobody reads the answer. */
  ended(): void {
    this.connected = false
    this.attached.clear()
    for (let frame = this.queue.shift(); frame !== undefined; frame = this.queue.shift()) {
      this.owner.engine.release(frame.frame)
    }
    const listeners = this.listeners
    this.listeners = null
    if (listeners !== null) for (const listener of listeners) listener()
  }

  override expire(): void {
    this.owner.checkIdle(this)
  }

  enqueue(frame: Frame): void {
    this.queue.push(frame)
  }
}
