// The door over the C++ addon: `Engine` as `engine.ts` describes it. Its other half is `native/binding.cc`.

import { lookup as resolveHost } from 'node:dns/promises'
import { loadAddon, type NativeEngine, type NativeFailure, type NativeHotVerbs } from './addon.js'
import { CommandArea } from './commands.js'
import type { AppendBytesOptions, CleanedLog, CleanOptions, CopyOptions, CopyProgress } from './engine.js'
import {
  type Engine,
  type EngineEvents,
  type EngineOptions,
  type ListenOptions,
  type LogOptions,
  type Lookup,
  type OpenedLog,
  type OpenLogOptions,
  OUTBOX_RESERVE,
  type SegmentInfo,
  type SliceList,
  type TimestampHit,
} from './engine.js'
import { checkEngineOptions } from './engine-options.js'
import { type DoorEvents, EventReader, NO_EVENTS, toError } from './events.js'
import { Op, Sizes, Verb } from './layout.js'
import { type LookupBudget, LookupRows, lookupOne } from './lookup-rows.js'
import { cancelled, KeepAlive, Tickets } from './tickets.js'

export { defaultEngineOptions } from './engine-options.js'

/** Throws a RangeError for a bad option and an EngineError when the system refuses memory. */
export function createEngine(options: EngineOptions): Engine {
  checkEngineOptions(options)
  return new NativeDoor(options)
}

class NativeDoor implements Engine, DoorEvents {
  readonly slab: Buffer
  readonly outbox: Buffer
  readonly lookups: LookupRows
  private readonly hot: NativeHotVerbs
  private readonly native: NativeEngine
  private readonly copies: Uint8Array
  private readonly commands: CommandArea
  private readonly reader: EventReader
  private readonly keepAlive: KeepAlive
  private readonly tickets: Tickets
  private readonly closingListeners = new Map<number, () => void>()
  private readonly awaited = new Set<number>()
  private events: EngineEvents = NO_EVENTS
  private draining = false
  private ended = false
  private stopped_: Promise<void> | undefined
  private onStopped: () => void = () => {}
  private outboxUsed = 0
  private copiesUsed = 0
  private lastListener = 0

  constructor(options: EngineOptions) {
    const addon = loadAddon()
    this.native = new addon.EngineHandle(options, (first, count) => this.drain(first, count))
    if (this.native.failure !== undefined) throw toError(this.native.failure)
    const memory = this.native.memory()
    this.slab = Buffer.from(memory.slab)
    this.outbox = Buffer.from(memory.outbox)
    this.copies = new Uint8Array(memory.copies)
    this.lookups = new LookupRows(memory.lookups)
    this.hot = this.native.hotVerbs()
    this.reader = new EventReader(memory.events, this.native, this)
    this.keepAlive = new KeepAlive(this.native)
    this.tickets = new Tickets(this.keepAlive)
    const flush = () => this.flush()
    // Commands made while events are delivered leave at the end of the batch; others at the end of the
    // present callback and its promises.
    const first = () => {
      if (!this.draining) process.nextTick(flush)
    }
    this.commands = new CommandArea(memory.commands, flush, first)
  }

  start(events: EngineEvents): void {
    this.events = events
    const failure = this.native.start()
    if (failure !== undefined) throw toError(failure)
  }

  stop(): Promise<void> {
    if (this.stopped_ !== undefined) return this.stopped_
    this.flush()
    // Commands from here on are dropped and verbs refused: lanes and reactors are going away.
    this.ended = true
    this.stopped_ = new Promise((resolve) => {
      this.onStopped = resolve
    })
    this.keepAlive.hold()
    this.native.stop()
    return this.stopped_
  }

  flush(): void {
    const { commands } = this
    const count = commands.count
    if (count === 0) return
    commands.count = 0
    this.outboxUsed = 0
    this.copiesUsed = 0
    if (!this.ended) this.hot.flush(count)
  }

  async listen(options: ListenOptions): Promise<{ listener: number; port: number }> {
    const { address } = await resolveHost(options.host)
    if (this.ended) throw cancelled()
    const listener = ++this.lastListener
    const port = this.native.listen(listener, address, options.port, options.backlog)
    if (typeof port !== 'number') throw toError(port satisfies NativeFailure)
    this.keepAlive.hold()
    return { listener, port }
  }

  closeListener(listener: number): Promise<void> {
    if (this.ended) return Promise.resolve()
    return new Promise((resolve) => {
      this.closingListeners.set(listener, resolve)
      this.native.closeListener(listener)
    })
  }

  outboxStart(): number {
    if (this.outboxUsed + OUTBOX_RESERVE > Sizes.outboxBytes) this.flush()
    return this.outboxUsed
  }

  send(connection: number, sequence: number, start: number, end: number, slices: SliceList | null): void {
    this.commands.putSend(Op.send, connection, sequence, start, end, slices)
    this.outboxUsed = end
  }

  sendBuffer(connection: number, sequence: number, bytes: Buffer, slices: SliceList | null): void {
    if (bytes.length > Sizes.copyBytes) {
      this.flush()
      const sliceCount = this.commands.stageSlices(slices)
      if (!this.ended) this.native.sendLarge(connection, sequence, bytes, sliceCount)
      return
    }
    const start = this.copy(bytes)
    this.commands.putSend(Op.sendCopy, connection, sequence, start, start + bytes.length, slices)
    this.copiesUsed = start + bytes.length
  }

  sendAfterAppends(
    connection: number,
    sequence: number,
    start: number,
    end: number,
    ticket: number,
    appendCount: number,
  ): void {
    this.commands.put(Op.sendAfterAppends, connection, sequence, start, end, ticket, appendCount)
    this.outboxUsed = end
  }

  awaitAppends(ticket: number, appendCount: number): void {
    this.awaited.add(ticket)
    this.keepAlive.hold()
    this.commands.put(Op.awaitAppends, ticket, appendCount, 0, 0, 0, 0)
  }

  skip(connection: number, sequence: number): void {
    this.commands.put(Op.skip, connection, sequence, 0, 0, 0, 0)
  }

  close(connection: number): void {
    this.commands.put(Op.close, connection, 0, 0, 0, 0, 0)
  }

  pause(connection: number): void {
    this.commands.put(Op.pause, connection, 0, 0, 0, 0, 0)
  }

  resume(connection: number): void {
    this.commands.put(Op.resume, connection, 0, 0, 0, 0, 0)
  }

  release(frame: number): void {
    this.commands.put(Op.release, frame, 0, 0, 0, 0, 0)
  }

  inspect(position: number, length: number): number {
    if (!(position >= 0 && length >= 0 && position + length <= this.slab.length)) {
      throw new RangeError('inspect reads the slab only')
    }
    return this.native.inspect(position, length)
  }

  openLog(options: OpenLogOptions): Promise<OpenedLog> {
    return this.issue((ticket) => this.native.openLog(ticket, options))
  }

  configureLog(log: number, options: LogOptions): void {
    const { indexIntervalBytes, segmentIndexBytes, segmentBytes, segmentMs, flushMessages } = options
    this.commands.putWide(
      Op.configureLog,
      log,
      indexIntervalBytes,
      segmentIndexBytes,
      0,
      0,
      0,
      segmentBytes,
      segmentMs,
      flushMessages,
    )
  }

  append(
    log: number,
    frame: number,
    position: number,
    length: number,
    baseOffset: number,
    endOffset: number,
    maxTimestamp: number,
    recordCount: number,
    ticket: number,
  ): void {
    const { commands } = this
    commands.putWide(
      Op.append,
      log,
      frame,
      position,
      length,
      recordCount,
      ticket,
      baseOffset,
      endOffset,
      maxTimestamp,
    )
  }

  appendBytes(log: number, bytes: Buffer, options: AppendBytesOptions): void {
    const { baseOffset, endOffset, maxTimestamp, recordCount, ticket } = options
    const { commands } = this
    if (bytes.length > Sizes.copyBytes) {
      this.flush()
      commands.stageAppend(log, recordCount, ticket, baseOffset, endOffset, maxTimestamp)
      if (!this.ended) this.native.appendLarge(bytes)
      return
    }
    const start = this.copy(bytes)
    commands.putWide(
      Op.appendCopy,
      log,
      0,
      start,
      bytes.length,
      recordCount,
      ticket,
      baseOffset,
      endOffset,
      maxTimestamp,
    )
    this.copiesUsed = start + bytes.length
  }

  resumeLog(log: number): void {
    this.commands.put(Op.resumeLog, log, 0, 0, 0, 0, 0)
  }

  lookup(query: Lookup): number {
    return lookupOne(this, query)
  }

  lookupAll({ bytesLeft, slicesLeft, atLeastOneBatch }: LookupBudget): void {
    const rows = this.lookups
    if (this.ended) rows.failAll()
    else this.hot.lookup(rows.count, bytesLeft, slicesLeft, atLeastOneBatch)
  }

  findTimestamp(log: number, timestamp: number, maxOffset: number): Promise<TimestampHit | null> {
    return this.ask(Verb.findTimestamp, log, timestamp, maxOffset, 0)
  }

  findMaxTimestamp(log: number, maxOffset: number): Promise<TimestampHit | null> {
    return this.ask(Verb.findMaxTimestamp, log, 0, maxOffset, 0)
  }

  readBytes(log: number, offset: number, maxOffset: number, maxBytes: number): Promise<Buffer> {
    return this.ask(Verb.readBytes, log, offset, maxOffset, maxBytes)
  }

  readHeaders(log: number, offset: number, batchesMax: number): Promise<Buffer> {
    return this.ask(Verb.readHeaders, log, offset, 0, batchesMax)
  }

  segments(log: number): SegmentInfo[] {
    return this.ended ? [] : this.native.segments(log)
  }

  makeRoom(): boolean {
    return !this.ended && this.native.makeRoom()
  }

  roll(log: number): Promise<void> {
    return this.ask(Verb.roll, log, 0, 0, 0)
  }

  flushLog(log: number): Promise<void> {
    return this.ask(Verb.flushLog, log, 0, 0, 0)
  }

  truncate(log: number, offset: number): Promise<void> {
    return this.ask(Verb.truncate, log, offset, 0, 0)
  }

  advanceStart(log: number, offset: number): Promise<void> {
    return this.ask(Verb.advanceStart, log, offset, 0, 0)
  }

  closeLog(log: number): Promise<void> {
    return this.ask(Verb.closeLog, log, 0, 0, 0)
  }

  cleanLog(log: number, options: CleanOptions): Promise<CleanedLog> {
    return this.issue((ticket) => this.native.cleanLog(ticket, log, options))
  }

  copyLog(log: number, options: CopyOptions): Promise<CopyProgress> {
    return this.issue((ticket) => this.native.copyLog(ticket, log, options))
  }

  moveLog(log: number, directory: string): Promise<void> {
    return this.issue((ticket) => this.native.moveLog(ticket, log, directory))
  }

  endMove(log: number): Promise<void> {
    return this.ask(Verb.endMove, log, 0, 0, 0)
  }

  transcoded(job: number, bytes: Buffer | null): void {
    if (!this.ended) this.native.transcoded(job, bytes)
  }

  // DoorEvents.

  forget(connection: number): void {
    this.commands.put(Op.forget, connection, 0, 0, 0, 0, 0)
  }

  listenerClosed(listener: number): void {
    const resolve = this.closingListeners.get(listener)
    this.closingListeners.delete(listener)
    this.keepAlive.drop()
    resolve?.()
  }

  done(ticket: number, completion: { error?: NativeFailure; value?: unknown }): void {
    this.tickets.settle(ticket, completion)
  }

  ticketSettled(ticket: number): void {
    if (this.awaited.delete(ticket)) this.keepAlive.drop()
  }

  stopped(): void {
    this.tickets.cancelAll()
    for (const resolve of this.closingListeners.values()) resolve()
    this.closingListeners.clear()
    this.onStopped()
  }

  private drain(first: number, count: number): void {
    const { events } = this
    this.draining = true
    try {
      this.reader.deliver(first, count, events)
      events.drained()
    } finally {
      this.draining = false
      this.flush()
    }
  }

  /** A rare verb; it takes effect after the commands given before it. */
  private issue<T>(verb: (ticket: number) => void): Promise<T> {
    if (this.ended) return Promise.reject(cancelled())
    this.flush()
    return this.tickets.issue(verb)
  }

  private ask<T>(verb: number, log: number, x: number, y: number, z: number): Promise<T> {
    return this.issue((ticket) => this.native.ask(verb, ticket, log, x, y, z))
  }

  /** Puts bytes into the copy area and returns where. They are kept once `copiesUsed` says so. */
  private copy(bytes: Buffer): number {
    if (this.copiesUsed + bytes.length > Sizes.copyBytes) this.flush()
    const start = this.copiesUsed
    this.copies.set(bytes, start)
    return start
  }
}
