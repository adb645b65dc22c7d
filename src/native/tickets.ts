// Promises of the rare verbs, and what keeps the process alive while the engine owes an answer.

import type { NativeCompletion, NativeEngine } from './addon.js'
import { EngineError } from './engine.js'
import { toError } from './events.js'

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

const ECANCELED = 125
/** Tickets are 32-bit across the door; they start again long before two with one number could be pending. */
const TICKETS = 0x7fff_ffff

export class Tickets {
  private readonly pending = new Map<number, Pending>()
  private last = 0

  constructor(private readonly keepAlive: KeepAlive) {}

  /** Runs a verb with a fresh ticket; the promise settles with its completion. */
  issue<T>(verb: (ticket: number) => void): Promise<T> {
    this.last = this.last === TICKETS ? 1 : this.last + 1
    const ticket = this.last
    return new Promise((resolve, reject) => {
      this.pending.set(ticket, { resolve: resolve as (value: unknown) => void, reject })
      this.keepAlive.hold()
      verb(ticket)
    })
  }

  settle(ticket: number, completion: NativeCompletion): void {
    const pending = this.pending.get(ticket)
    if (pending === undefined) return
    this.pending.delete(ticket)
    this.keepAlive.drop()
    if (completion.error !== undefined) pending.reject(toError(completion.error))
    else pending.resolve(completion.value)
  }

  /** The engine ended; nothing will answer any more. */
  cancelAll(): void {
    for (const pending of this.pending.values()) pending.reject(cancelled())
    this.pending.clear()
  }
}

export function cancelled(): EngineError {
  return new EngineError('stop', ECANCELED, 'ECANCELED', 'engine')
}

/**
 * The doorbell keeps the event loop alive only while something is expected: a listener's connections, a promise,
 * an awaited append. An engine that merely exists lets the process exit.
 */
export class KeepAlive {
  private reasons = 0

  constructor(private readonly native: NativeEngine) {}

  hold(): void {
    if (this.reasons++ === 0) this.native.keepAlive(true)
  }

  drop(): void {
    if (--this.reasons === 0) this.native.keepAlive(false)
  }
}
