import { type Engine, type ListenOptions, OUTBOX_RESERVE, type SliceList } from '../../src/native/engine.js'

export interface SentReply {
  readonly connection: number
  readonly sequence: number
  readonly bytes: Buffer
  readonly slices: { at: number; log: number; segment: number; position: number; length: number }[]
  readonly ticket: number | null
}

/** The network half of an engine that does nothing but remember what it was told. */
export class RecordingEngine {
  readonly slab = Buffer.alloc(1 << 20)
  readonly outbox = Buffer.alloc(OUTBOX_RESERVE)
  readonly sent: SentReply[] = []
  readonly skipped: number[] = []
  readonly released: number[] = []
  readonly closed: number[] = []
  readonly awaited: number[] = []
  private used = 0
  private frames = 0
  private listeners = 0

  asEngine(): Engine {
    return this as unknown as Engine
  }

  /** Puts a frame into the slab and names it as an event would. */
  place(bytes: Buffer): { position: number; length: number; frame: number } {
    const position = this.used
    bytes.copy(this.slab, position)
    this.used += bytes.length
    return { position, length: bytes.length, frame: this.frames++ }
  }

  async listen({ port }: ListenOptions): Promise<{ listener: number; port: number }> {
    if (port === 1) throw new Error('EACCES')
    return { listener: this.listeners++, port: port === 0 ? 40_000 + this.listeners : port }
  }

  async closeListener(): Promise<void> {
    this.listeners--
  }

  get openListeners(): number {
    return this.listeners
  }

  outboxStart(): number {
    return 0
  }

  send(connection: number, sequence: number, start: number, end: number, slices: SliceList | null): void {
    const bytes = Buffer.from(this.outbox.subarray(start, end))
    this.sent.push({ connection, sequence, bytes, slices: listOf(slices), ticket: null })
  }

  sendBuffer(connection: number, sequence: number, bytes: Buffer, slices: SliceList | null): void {
    this.sent.push({
      connection,
      sequence,
      bytes: Buffer.from(bytes),
      slices: listOf(slices),
      ticket: null,
    })
  }

  sendAfterAppends(connection: number, sequence: number, start: number, end: number, ticket: number): void {
    const bytes = Buffer.from(this.outbox.subarray(start, end))
    this.sent.push({ connection, sequence, bytes, slices: [], ticket })
  }

  awaitAppends(ticket: number): void {
    this.awaited.push(ticket)
  }

  skip(_connection: number, sequence: number): void {
    this.skipped.push(sequence)
  }

  close(connection: number): void {
    this.closed.push(connection)
  }

  release(frame: number): void {
    this.released.push(frame)
  }
}

function listOf(slices: SliceList | null): SentReply['slices'] {
  return Array.from({ length: slices?.count ?? 0 }, (_, i) => ({
    at: slices?.at[i] as number,
    log: slices?.log[i] as number,
    segment: slices?.segment[i] as number,
    position: slices?.position[i] as number,
    length: slices?.length[i] as number,
  }))
}
