/** A reply the engine sends by itself when a ticket's appends are written. */
export interface AttachedReply {
  readonly ticket: number
  /** Of the frame it answers. */
  readonly sequence: number
  /** For a reply that was too large to be attached: sends it. */
  readonly onDone: (() => void) | null
  readonly onFailed: () => void
}

/**
 * What to do if an attached reply's appends fail. The engine reports only failures, so an entry is dropped by a
 * bound that it cannot outlive: the reactor reads frame `s + framesMax` only after frame `s` was answered.
 */
export class AttachedReplies {
  private replies: AttachedReply[] = []

  constructor(private readonly framesMax: number) {}

  add(reply: AttachedReply): void {
    this.replies.push(reply)
    if (this.replies.length > this.framesMax * 2) this.trim(reply.sequence - this.framesMax)
  }

  take(ticket: number): AttachedReply | undefined {
    const index = this.replies.findIndex((reply) => reply.ticket === ticket)
    return index < 0 ? undefined : this.replies.splice(index, 1)[0]
  }

  clear(): void {
    this.replies = []
  }

  private trim(sequenceMin: number): void {
    this.replies = this.replies.filter((reply) => reply.sequence > sequenceMin)
  }
}
