import type { Draft, Schema } from '../protocol/schema.js'
import type { ReplyTarget } from './responder.js'

/** A reply the engine sends by itself when a ticket's appends are written. */
export interface AttachedReply {
  readonly ticket: number
  readonly target: ReplyTarget
  readonly schema: Schema
  /** The reply itself when it was too large to be attached, else null. */
  readonly late: Draft<Schema> | null
  readonly onFailure: () => Draft<Schema>
  /** True once the appends can no longer fail. */
  readonly written: () => boolean
}

/**
 * What to do if an attached reply's appends fail. The engine reports only failures, so entries are dropped when
 * their appends are seen to be written, and at the latest by a bound they cannot outlive: the reactor reads frame
 * `s + framesMax` only after frame `s` was answered. Dropping early matters: what is kept here survives several
 * collections of the young generation, and that costs more than the rest of a small request.
 */
export class AttachedReplies {
  private replies: AttachedReply[] = []

  constructor(private readonly framesMax: number) {}

  add(reply: AttachedReply): void {
    this.trim(reply.target.sequence - this.framesMax)
    this.replies.push(reply)
  }

  take(ticket: number): AttachedReply | undefined {
    const index = this.replies.findIndex((reply) => reply.ticket === ticket)
    return index < 0 ? undefined : this.replies.splice(index, 1)[0]
  }

  clear(): void {
    this.replies = []
  }

  /** Appends of a connection are written in about the order of its requests, so the first ones go first. */
  private trim(sequenceMin: number): void {
    const { replies } = this
    let count = 0
    for (const { late, target, written } of replies) {
      if (late !== null || !(target.sequence <= sequenceMin || written())) break
      count++
    }
    if (count === replies.length) replies.length = 0
    else if (count > 0) replies.splice(0, count)
  }
}
