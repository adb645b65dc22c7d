// A real engine on a free port with a raw client: what the tests of the binding share.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, defaultEngineOptions } from '../../src/native/binding.js'
import type { Engine, EngineEvents, EngineOptions, OpenedLog, Peer } from '../../src/native/engine.js'
import { NO_EVENTS } from '../../src/native/events.js'

export interface Frame {
  readonly connection: number
  readonly sequence: number
  readonly position: number
  readonly length: number
  readonly verdict: number
  readonly frame: number
}

/** An engine whose events can be waited for and whose frames go to `onFrame`. */
export class Door {
  readonly engine: Engine
  readonly peers = new Map<number, Peer>()
  readonly closed = new Map<number, number>()
  readonly appended = new Map<number, number>()
  readonly ticketsDone: number[] = []
  readonly ticketsFailed: number[] = []
  frames = 0
  /** By default every frame is echoed. */
  onFrame: (frame: Frame) => void = (frame) => this.echo(frame)
  private waiters: { condition: () => boolean; resolve: () => void }[] = []
  port = 0
  listener = 0

  constructor(options: Partial<EngineOptions> = {}) {
    this.engine = createEngine({ ...defaultEngineOptions(), networkThreads: 2, ...options })
  }

  static async open(options: Partial<EngineOptions> = {}): Promise<Door> {
    const door = new Door(options)
    door.engine.start(door.events())
    const bound = await door.engine.listen({ host: '127.0.0.1', port: 0, backlog: 128 })
    door.port = bound.port
    door.listener = bound.listener
    return door
  }

  echo(frame: Frame): void {
    this.reply(frame, this.bytes(frame))
    this.engine.release(frame.frame)
  }

  /** Answers through the outbox, or by a buffer when the reply is larger. */
  reply(frame: Frame, body: Uint8Array): void {
    const { engine } = this
    if (body.length > 32_768) {
      engine.sendBuffer(frame.connection, frame.sequence, framed(body), null)
      return
    }
    const start = engine.outboxStart()
    engine.outbox.writeInt32BE(body.length, start)
    engine.outbox.set(body, start + 4)
    engine.send(frame.connection, frame.sequence, start, start + 4 + body.length, null)
  }

  bytes(frame: Frame): Buffer {
    return this.engine.slab.subarray(frame.position, frame.position + frame.length)
  }

  /** Resolves when an event makes the condition true; checked after each batch of events. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve) => this.waiters.push({ condition, resolve }))
  }

  async openLog(directory: string): Promise<OpenedLog> {
    return await this.engine.openLog({
      directory,
      segmentBytes: 1 << 30,
      segmentMs: Number.MAX_SAFE_INTEGER,
      indexIntervalBytes: 4096,
      segmentIndexBytes: 10 << 20,
      flushMessages: Number.MAX_SAFE_INTEGER,
      logStartOffset: 0,
      recoveryPoint: 0,
      compactedBelow: 0,
      smallFiles: [],
      expected: null,
    })
  }

  private events(): EngineEvents {
    return {
      ...NO_EVENTS,
      accepted: (connection, _listener, peer) => {
        this.peers.set(connection, peer)
        this.closed.delete(connection)
      },
      frame: (connection, sequence, position, length, verdict, frame) => {
        this.frames++
        this.onFrame({ connection, sequence, position, length, verdict, frame })
      },
      closed: (connection, reason) => {
        this.closed.set(connection, reason)
      },
      appended: (log, endOffset) => {
        this.appended.set(log, endOffset)
      },
      ticketDone: (ticket) => {
        this.ticketsDone.push(ticket)
      },
      ticketFailed: (ticket) => {
        this.ticketsFailed.push(ticket)
      },
      drained: () => {
        const { waiters } = this
        this.waiters = []
        for (const waiter of waiters) {
          if (waiter.condition()) waiter.resolve()
          else this.waiters.push(waiter)
        }
      },
    }
  }
}

/** A client that reads frames in order. */
export class Client {
  private received: Buffer = Buffer.alloc(0)
  private chunks: Buffer[] = []
  private wake: () => void = () => {}
  ended = false

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.chunks.push(chunk)
      this.wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.ended = true
      this.wake()
    })
  }

  static async connect(door: Door): Promise<Client> {
    const socket = connect(door.port, '127.0.0.1')
    await once(socket, 'connect')
    return new Client(socket)
  }

  write(...bodies: Uint8Array[]): void {
    this.socket.write(Buffer.concat(bodies.map(framed)))
  }

  /** The next frame's body; rejects when the connection ends first. */
  async read(): Promise<Buffer> {
    const size = (await this.take(4)).readInt32BE(0)
    return await this.take(size)
  }

  async end(): Promise<void> {
    while (!this.ended) await this.more()
  }

  destroy(): void {
    this.socket.destroy()
  }

  private async take(size: number): Promise<Buffer> {
    while (this.received.length < size) {
      if (this.chunks.length > 0) {
        this.received = Buffer.concat([this.received, ...this.chunks])
        this.chunks = []
        continue
      }
      if (this.ended) throw new Error('the connection ended')
      await this.more()
    }
    const taken = this.received.subarray(0, size)
    this.received = this.received.subarray(size)
    return taken
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }
}

export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(body.length, 0)
  frame.set(body, 4)
  return frame
}

/** Bytes that differ at every place a mistake could shift them to. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed * 2_654_435_761 + 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  // Never a Produce request.
  if (length >= 2) bytes.writeInt16BE(18, 0)
  return bytes
}

export async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-'))
  try {
    await run(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
