import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import { RateLimited } from '../base/rate-limited.js'
import type { TimingWheel } from '../base/timing-wheel.js'
import type { Engine, Peer } from '../native/engine.js'
import { Connection } from './connection.js'
import type { Frame } from './frame-queue.js'
import type { Responder } from './responder.js'

/** Whoever reads frames: decodes, acts and answers through the connection. Releases the frame. */
export type FrameHandler = (connection: Connection, frame: Frame) => void

export interface ConnectionsOptions {
  readonly connectionFramesMax: number
  /** `max.connections`, `max.connections.per.ip`, `connections.max.idle.ms`. */
  readonly connectionsMax: number
  readonly connectionsPerIpMax: number
  readonly idleMsMax: number
  /** The name of the listener the engine knows by this handle. */
  readonly listenerName: (listener: number) => string
}

/**
 * The table of open connections by engine handle, and the place where engine events become handled frames.
 * Handling one frame may answer others and so make their connections ready, and so may an append that somebody
 * waited for. Such connections wait in a list until the frame is done, or until the events are: handling never
 * nests, and never begins in the middle of what a room does with its waiters.
 */
export class Connections {
  readonly options: ConnectionsOptions
  private readonly table: (Connection | undefined)[] = []
  private readonly perHost = new Map<string, number>()
  private readonly ready: Connection[] = []
  private readonly refusals: RateLimited
  private readonly closings: RateLimited
  private handling = false
  private scheduled = false
  private onEmpty: () => void = () => {}
  private count = 0
  private nowMs: number
  private clockIsStale = false

  constructor(
    readonly engine: Engine,
    readonly responder: Responder,
    private readonly deps: { clock: Clock; timers: TimingWheel; logger: Logger; handler: FrameHandler },
    options: ConnectionsOptions,
  ) {
    this.options = options
    this.nowMs = deps.clock.monotonicMs()
    this.refusals = new RateLimited({ clock: deps.clock })
    this.closings = new RateLimited({ clock: deps.clock })
  }

  get size(): number {
    return this.count
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.table.filter((connection) => connection !== undefined)[Symbol.iterator]()
  }

  accepted(handle: number, listener: number, peer: Peer): void {
    const { connectionsMax, connectionsPerIpMax, idleMsMax, listenerName } = this.options
    const sameHost = this.perHost.get(peer.address) ?? 0
    if (this.count >= connectionsMax || sameHost >= connectionsPerIpMax) {
      this.refusals.run((suppressed) => {
        const fields = { peer: peer.address, open: this.count, sameHost, suppressed }
        this.deps.logger.warn('connection refused: too many are open', fields)
      })
      this.engine.close(handle)
      return
    }
    const nowMs = this.now()
    const connection = new Connection(this, { handle, peer, listenerName: listenerName(listener), nowMs })
    this.table[handle] = connection
    this.perHost.set(peer.address, sameHost + 1)
    this.count++
    if (idleMsMax >= 0) this.deps.timers.schedule(connection, idleMsMax)
  }

  frame(
    handle: number,
    sequence: number,
    position: number,
    length: number,
    verdict: number,
    frame: number,
  ): void {
    const connection = this.table[handle]
    if (connection?.connected !== true) {
      this.engine.release(frame)
      return
    }
    connection.lastActiveMs = this.now()
    const received = { sequence, position, length, verdict, frame }
    if (connection.muted || this.handling || connection.queue.size > 0) connection.enqueue(received)
    else this.handle(connection, received)
  }

  closed(handle: number): void {
    const connection = this.table[handle]
    if (connection === undefined) return
    this.table[handle] = undefined
    this.count--
    const sameHost = (this.perHost.get(connection.host) ?? 1) - 1
    if (sameHost > 0) this.perHost.set(connection.host, sameHost)
    else this.perHost.delete(connection.host)
    this.deps.timers.cancel(connection)
    connection.ended()
    if (this.count === 0) this.onEmpty()
  }

  /** A ticket without an attached reply is written; false when no connection waits for it. */
  ticketDone(ticket: number): boolean {
    return this.table.some((connection) => connection?.ticketDone(ticket))
  }

  ticketFailed(ticket: number): boolean {
    return this.table.some((connection) => connection?.ticketFailed(ticket))
  }

  /** The batch of events is over. The clock is read at most once per batch. */
  drained(): void {
    this.clockIsStale = true
    if (this.ready.length > 0) this.handleReady()
  }

  closeAll(reason: string): void {
    for (const connection of this) connection.close(reason)
  }

  /** Resolves when no connection is open any more, or nobody waits for that longer. */
  empty(): Promise<void> {
    if (this.count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.onEmpty = resolve
    })
  }

  giveUp(): void {
    this.onEmpty()
  }

  /** Called by a connection that may handle its waiting frames again. */
  resume(connection: Connection): void {
    this.ready.push(connection)
    if (this.handling || this.scheduled) return
    this.scheduled = true
    queueMicrotask(this.handleScheduled)
  }

  checkIdle(connection: Connection): void {
    const { idleMsMax } = this.options
    const idleMs = this.deps.clock.monotonicMs() - connection.lastActiveMs
    if (!connection.connected) return
    // A connection that waits for its answer is not idle, however long that takes.
    if (idleMs >= idleMsMax && !connection.muted) connection.close('idle')
    else this.deps.timers.schedule(connection, Math.max(1, idleMsMax - idleMs))
  }

  noteClose(connection: Connection, reason: string): void {
    this.closings.run((suppressed) => {
      const fields = { peer: connection.host, clientId: connection.clientId, reason, suppressed }
      this.deps.logger.info('connection closed by the broker', fields)
    })
  }

  private handle(connection: Connection, frame: Frame): void {
    this.handling = true
    try {
      this.deps.handler(connection, frame)
    } finally {
      this.handling = false
    }
    if (this.ready.length > 0) this.handleReady()
  }

  private readonly handleScheduled = (): void => {
    this.scheduled = false
    this.handleReady()
  }

  private handleReady(): void {
    this.handling = true
    try {
      for (let connection = this.ready.pop(); connection !== undefined; connection = this.ready.pop()) {
        this.handleWaiting(connection)
      }
    } finally {
      this.handling = false
    }
  }

  private handleWaiting(connection: Connection): void {
    while (connection.connected && !connection.muted) {
      const frame = connection.queue.shift()
      if (frame === undefined) return
      this.deps.handler(connection, frame)
    }
  }

  private now(): number {
    if (this.clockIsStale) {
      this.nowMs = this.deps.clock.monotonicMs()
      this.clockIsStale = false
    }
    return this.nowMs
  }
}
