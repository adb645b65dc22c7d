import type { Draft, Schema } from '../protocol/schema.js'
import type { ReplyTarget } from './responder.js'

/** A reply the engine sends by itself when a ticket's appends are written. */
export interface AttachedReply {
  readonly target: ReplyTarget
  readonly schema: Schema
  /** The reply itself when it was too large to be attached, else null. */
  readonly late: Draft<Schema> | null
  readonly appends: AwaitedAppends<Draft<Schema>>
}

export interface AwaitedAppends<Response> {
  readonly ticket: number
  readonly appendCount: number
  onFailure(): Response
  /** True once the appends can no longer fail. */
  written(): boolean
}

/**
 * What to do if an attached reply's appends fail. The engine reports only failures, so entries are dropped when
 * their appends are seen to be written, and at the latest by a bound they cannot outlive: the reactor reads frame
 * `s + framesMax` only after frame `s` was answered. Dropping early matters: what is kept here survives several
 * collections of the young generation, and that costs more than the rest of a small request.
 */
export class AttachedReplies {
  /** A ring of `slots.length`, a power of two, so that neither end moves what lies between. */
  private slots: (AttachedReply | null)[] = [null, null, null, null, null, null, null, null]
  private head = 0
  private count = 0

  constructor(private readonly framesMax: number) {}

  add(reply: AttachedReply): void {
    this.trim(reply.target.sequence - this.framesMax)
    if (this.count === this.slots.length) this.grow()
    this.slots[this.slot(this.count)] = reply
    this.count++
  }

  take(ticket: number): AttachedReply | undefined {
    for (let index = 0; index < this.count; index++) {
      const slot = this.slot(index)
      const reply = this.slots[slot]
      if (reply === null || reply?.appends.ticket !== ticket) continue
      this.slots[slot] = null
      return reply
    }
    return undefined
  }

  clear(): void {
    this.slots.fill(null)
    this.count = 0
  }

  /** Appends of a connection are written in about the order of its requests, so the first ones go first. */
  private trim(sequenceMin: number): void {
    while (this.count > 0) {
      const reply = this.slots[this.head]
      if (reply) {
        if (reply.late !== null) return
        if (reply.target.sequence > sequenceMin && !reply.appends.written()) return
      }
      this.slots[this.head] = null
      this.head = this.slot(1)
      this.count--
    }
  }

  private slot(index: number): number {
    return (this.head + index) & (this.slots.length - 1)
  }

  private grow(): void {
    const { slots, head } = this
    this.slots = [...slots.slice(head), ...slots.slice(0, head), ...slots.map(() => null)]
    this.head = 0
  }
}
