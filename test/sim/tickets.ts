/** Counts the appends of each ticket, as the native barrier does, and fires once. */
export class SimTickets {
  private readonly open = new Map<number, { outstanding: number; failed: boolean; settle: Settle | null }>()

  appended(ticket: number): void {
    this.entry(ticket).outstanding++
  }

  settled(ticket: number, ok: boolean): void {
    const entry = this.entry(ticket)
    entry.outstanding--
    if (!ok) entry.failed = true
    this.fire(ticket)
  }

  close(ticket: number, settle: Settle): void {
    const entry = this.entry(ticket)
    if (entry.settle !== null) throw new Error(`ticket ${ticket} was closed twice`)
    entry.settle = settle
    this.fire(ticket)
  }

  private fire(ticket: number): void {
    const entry = this.entry(ticket)
    if (entry.settle === null || entry.outstanding > 0) return
    this.open.delete(ticket)
    entry.settle(!entry.failed)
  }

  private entry(ticket: number) {
    let entry = this.open.get(ticket)
    if (entry === undefined) {
      entry = { outstanding: 0, failed: false, settle: null }
      this.open.set(ticket, entry)
    }
    return entry
  }
}

type Settle = (ok: boolean) => void
