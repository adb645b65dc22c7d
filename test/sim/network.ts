// The engine's network verbs, recorded: nothing is sent.

import { type EngineEvents, OUTBOX_RESERVE, type SliceList } from '../../src/native/engine.js'
import { SimTickets } from './tickets.js'

export interface SentReply {
  readonly connection: number
  readonly sequence: number
  readonly bytes: Buffer
  readonly sliceCount: number
}

export class SimNetwork {
  readonly outbox = Buffer.alloc(OUTBOX_RESERVE * 2)
  readonly sent: SentReply[] = []
  readonly skipped: { connection: number; sequence: number }[] = []
  readonly closedConnections: number[] = []
  readonly released: number[] = []
  protected readonly tickets = new SimTickets()
  protected events: EngineEvents | null = null

  async listen(): Promise<{ listener: number; port: number }> {
    return { listener: 0, port: 9092 }
  }

  async closeListener(): Promise<void> {}

  outboxStart(): number {
    return 0
  }

  send(connection: number, sequence: number, start: number, end: number, slices: SliceList | null): void {
    this.sendBuffer(connection, sequence, this.outbox.subarray(start, end), slices)
  }

  sendBuffer(connection: number, sequence: number, bytes: Buffer, slices: SliceList | null): void {
    this.sent.push({ connection, sequence, bytes: Buffer.from(bytes), sliceCount: slices?.count ?? 0 })
  }

  sendAfterAppends(
    connection: number,
    sequence: number,
    start: number,
    end: number,
    ticket: number,
    _appendCount: number,
  ): void {
    const bytes = Buffer.from(this.outbox.subarray(start, end))
    this.tickets.close(ticket, (ok) => {
      if (ok) this.sendBuffer(connection, sequence, bytes, null)
      else this.events?.ticketFailed(ticket)
    })
  }

  awaitAppends(ticket: number, _appendCount: number): void {
    this.tickets.close(ticket, (ok) => {
      if (ok) this.events?.ticketDone(ticket)
      else this.events?.ticketFailed(ticket)
    })
  }

  skip(connection: number, sequence: number): void {
    this.skipped.push({ connection, sequence })
  }

  close(connection: number): void {
    this.closedConnections.push(connection)
  }

  pause(): void {}

  resume(): void {}

  release(frame: number): void {
    this.released.push(frame)
  }
}
