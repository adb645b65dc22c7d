import type { Engine } from '../native/engine.js'

const TICKET_MAX = 0x7fffffff

/**
 * Hands out the tickets that tie appends to a reply or to an event. Numbers are used in turn, so one is not seen
 * again for two thousand million appends. A ticket made by `next` belongs to whoever attaches a reply to it; one
 * given to `settle` is answered here, and `done` and `failed` tell whether they knew it.
 */
export class TicketTable {
  private last = 0
  private readonly owned = new Map<number, ((ok: boolean) => void) | null>()

  next(): number {
    this.last = this.last === TICKET_MAX ? 1 : this.last + 1
    return this.last
  }

  /** Closes a ticket that has no reply; `settled` hears whether all its appends were written. */
  settle(
    engine: Engine,
    ticket: { readonly ticket: number; readonly appendCount: number },
    settled: ((ok: boolean) => void) | null = null,
  ): void {
    this.owned.set(ticket.ticket, settled)
    engine.awaitAppends(ticket.ticket, ticket.appendCount)
  }

  done(ticket: number): boolean {
    return this.finish(ticket, true)
  }

  failed(ticket: number): boolean {
    return this.finish(ticket, false)
  }

  private finish(ticket: number, ok: boolean): boolean {
    const settled = this.owned.get(ticket)
    if (settled === undefined) return false
    this.owned.delete(ticket)
    settled?.(ok)
    return true
  }
}
