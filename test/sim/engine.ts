// The engine in memory: deterministic, with faults on demand.
//
// Appends wait in a queue until `run` writes them and reports them in order, so a test decides what is in flight;
// with `auto` they are written at the end of the turn. Network verbs are recorded, nothing is sent.

import {
  type AppendBytesOptions,
  type CleanedLog,
  type CleanOptions,
  type CopyOptions,
  type CopyProgress,
  type Engine,
  EngineError,
  type EngineEvents,
  Inspection,
  type LogOptions,
  type Lookup,
  LookupStatus,
  type OpenedLog,
  type OpenLogOptions,
  type SegmentInfo,
} from '../../src/native/engine.js'
import { type LookupBudget, LookupRows } from '../../src/native/lookup-rows.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { crc32c } from '../../src/protocol/records/crc32c.js'
import { cutLog, SimDisk, type SimLog, type SimSegment } from './disk.js'
import {
  batchesBetween,
  findMaxTimestampIn,
  findTimestampIn,
  lookupAllIn,
  lookupIn,
  scannedTail,
} from './log-verbs.js'
import { SimNetwork } from './network.js'

interface OpenLog {
  readonly directory: string
  readonly data: SimLog
  options: LogOptions
  /** A write failed and `resumeLog` has not come through yet. */
  refusing: boolean
  unsyncedRecords: number
}

interface PendingAppend {
  readonly log: number
  readonly bytes: () => Buffer
  readonly baseOffset: number
  readonly endOffset: number
  readonly maxTimestamp: number
  readonly recordCount: number
  readonly ticket: number
}

type Pending = PendingAppend | { readonly resume: number }

const ERRNO: Readonly<Record<string, number>> = { ENOSPC: 28, EIO: 5, EDQUOT: 122 }

export class SimEngine extends SimNetwork implements Engine {
  readonly slab: Buffer
  readonly disk: SimDisk
  /** Wall clock for file times. */
  nowMs: () => number = () => 0
  private readonly auto: boolean
  private readonly logs: (OpenLog | undefined)[] = []
  private pending: Pending[] = []
  private readonly faults: { code: string; directory: string; times: number }[] = []
  private scheduled = false
  /** By log: where its copy lies. */
  private readonly copies = new Map<number, string>()
  private slabUsed = 0
  private frames = 0

  constructor(options: { disk?: SimDisk; slabBytes?: number; auto?: boolean } = {}) {
    super()
    this.disk = options.disk ?? new SimDisk()
    this.slab = Buffer.alloc(options.slabBytes ?? 1 << 22)
    this.auto = options.auto ?? false
  }

  // For tests.

  /** Puts bytes where the reactor would. Wraps around, so a test must not keep more than the slab holds. */
  receive(bytes: Buffer): { position: number; length: number; frame: number } {
    if (this.slabUsed + bytes.length > this.slab.length) this.slabUsed = 0
    const position = this.slabUsed
    bytes.copy(this.slab, position)
    this.slabUsed += bytes.length
    return { position, length: bytes.length, frame: ++this.frames }
  }

  /** The next `times` writes to logs below `directory` fail. */
  failWrites(code: string, options: { directory?: string; times?: number } = {}): void {
    this.faults.push({ code, directory: options.directory ?? '', times: options.times ?? 1 })
  }

  get pendingAppends(): number {
    return this.pending.length
  }

  /** Writes and reports up to `count` of what waits. */
  run(count = Number.POSITIVE_INFINITY): void {
    for (let done = 0; done < count; done++) {
      const next = this.pending.shift()
      if (next === undefined) break
      if ('resume' in next) this.logAt(next.resume).refusing = false
      else this.write(next)
    }
    this.events?.drained()
  }

  /** The bytes a slice names, as they would be sent. */
  slice(log: number, segment: number, range: { position: number; length: number }): Buffer {
    const found = this.logAt(log).data.segments.find((each) => each.baseOffset === segment)
    const bytes = Buffer.concat((found?.batches ?? []).map((batch) => batch.bytes))
    return Buffer.from(bytes.subarray(range.position, range.position + range.length))
  }

  /** Appends that were not written yet are lost, all handles are dead. */
  crash(options: { readonly power: boolean } = { power: false }): void {
    this.pending = []
    this.logs.length = 0
    this.events = null
    this.disk.crash(options)
  }

  // Life.

  start(events: EngineEvents): void {
    this.events = events
  }

  async stop(): Promise<void> {
    this.run()
    this.logs.length = 0
  }

  flush(): void {}

  // Checks.

  inspect(position: number, length: number): number {
    const end = position + length
    if (length < header.BATCH_HEADER_SIZE) return Inspection.Truncated
    if (header.magic(this.slab, position) !== header.BATCH_MAGIC) return Inspection.BadMagic
    const size = header.batchSize(this.slab, position)
    if (size > length) return Inspection.Truncated
    if (size < length) return Inspection.TrailingBytes
    const crc = crc32c(this.slab, position + header.BatchField.attributes, end)
    return crc === header.crc(this.slab, position) ? Inspection.Valid : Inspection.BadCrc
  }

  // Log.

  async openLog(options: OpenLogOptions): Promise<OpenedLog> {
    const { directory, expected } = options
    const smallFiles = options.smallFiles.map(
      (name) => this.disk.files.get(`${directory}/${name}`)?.toString() ?? null,
    )
    const [identity = null] = smallFiles
    if (expected !== null && identity !== null && identity !== expected)
      throw new EngineError('open log', 17, 'EEXIST', directory)
    this.disk.makeDirectory(directory)
    const data = this.disk.logs.get(directory) ?? emptyLog()
    this.disk.logs.set(directory, data)
    const firstBase = data.segments[0]?.baseOffset ?? 0
    data.logStartOffset = Math.max(options.logStartOffset, firstBase)
    if (data.logEndOffset < options.logStartOffset) beginAt(data, options.logStartOffset)
    let log = this.logs.indexOf(undefined)
    if (log < 0) log = this.logs.length
    this.logs[log] = { directory, data, options, refusing: false, unsyncedRecords: 0 }
    const recovered = data.segments.filter((segment) => segment.baseOffset >= options.recoveryPoint)
    return {
      log,
      logStartOffset: data.logStartOffset,
      logEndOffset: data.logEndOffset,
      segmentCount: data.segments.length,
      sizeBytes: this.segments(log).reduce((sum, segment) => sum + segment.sizeBytes, 0),
      truncatedBytes: 0,
      recoveredSegments: recovered.length,
      smallFiles,
      otherFiles: this.disk.list(directory) ?? [],
      scanned: scannedTail(data, options.recoveryPoint),
    }
  }

  configureLog(log: number, options: LogOptions): void {
    this.logAt(log).options = options
  }

  append(
    log: number,
    _frame: number,
    position: number,
    length: number,
    baseOffset: number,
    endOffset: number,
    maxTimestamp: number,
    recordCount: number,
    ticket: number,
  ): void {
    const bytes = () => Buffer.from(this.slab.subarray(position, position + length))
    this.submit({ log, bytes, baseOffset, endOffset, maxTimestamp, recordCount, ticket })
  }

  appendBytes(log: number, bytes: Buffer, options: AppendBytesOptions): void {
    const copy = Buffer.from(bytes)
    this.submit({ log, bytes: () => copy, ...options })
  }

  resumeLog(log: number): void {
    this.pending.push({ resume: log })
    this.schedule()
  }

  readonly lookups = new LookupRows()

  lookupAll(budget: LookupBudget): void {
    lookupAllIn(this.lookups, budget, (query) => this.lookup(query))
  }

  lookup(query: Lookup): number {
    const open = this.logs[query.log]
    return open === undefined ? LookupStatus.Failed : lookupIn(open.data, query)
  }

  async findTimestamp(log: number, timestamp: number, maxOffset: number) {
    return findTimestampIn(this.logAt(log).data, timestamp, maxOffset)
  }

  async findMaxTimestamp(log: number, maxOffset: number) {
    return findMaxTimestampIn(this.logAt(log).data, maxOffset)
  }

  async readBytes(log: number, offset: number, maxOffset: number, maxBytes: number): Promise<Buffer> {
    const { data } = this.logAt(log)
    const batches = batchesBetween(data, offset, maxOffset)
    // As with files, one read ends with its segment.
    const nextSegment = data.segments.find(({ baseOffset }) => baseOffset > (batches[0]?.baseOffset ?? 0))
    const segmentEnd = nextSegment?.baseOffset ?? Number.POSITIVE_INFINITY
    let size = 0
    const fitting = batches.filter((batch, index) => {
      size += batch.bytes.length
      return batch.endOffset <= segmentEnd && (index === 0 || size <= maxBytes)
    })
    return Buffer.concat(fitting.map((batch) => batch.bytes))
  }

  async readHeaders(log: number, offset: number, batchesMax: number): Promise<Buffer> {
    const batches = batchesBetween(this.logAt(log).data, offset, Number.MAX_SAFE_INTEGER)
    return Buffer.concat(
      batches.slice(0, batchesMax).map((batch) => batch.bytes.subarray(0, header.BATCH_HEADER_SIZE)),
    )
  }

  segments(log: number): SegmentInfo[] {
    return this.logAt(log).data.segments.map(({ baseOffset, batches, lastModifiedMs }) => ({
      baseOffset,
      sizeBytes: batches.reduce((sum, batch) => sum + batch.bytes.length, 0),
      maxTimestamp: batches.reduce((max, batch) => Math.max(max, batch.maxTimestamp), -1),
      lastModifiedMs,
    }))
  }

  makeRoom(): boolean {
    return false
  }

  async roll(log: number): Promise<void> {
    await this.settle()
    this.startSegment(log, this.logAt(log))
  }

  async flushLog(log: number): Promise<void> {
    await this.settle()
    const open = this.logs[log]
    if (open !== undefined) sync(open)
  }

  async truncate(log: number, offset: number): Promise<void> {
    await this.settle()
    cutLog(this.logAt(log).data, offset)
  }

  async advanceStart(log: number, offset: number): Promise<void> {
    const { data } = this.logAt(log)
    data.logStartOffset = Math.max(data.logStartOffset, offset)
    while (data.segments.length > 1 && (data.segments[1] as SimSegment).baseOffset <= offset)
      data.segments.shift()
  }

  async closeLog(log: number): Promise<void> {
    await this.settle()
    this.logs[log] = undefined
  }

  /** Nothing is taken out; the log counts as clean. */
  async cleanLog(_log: number, options: CleanOptions): Promise<CleanedLog> {
    return { ...NOTHING_CLEANED, endOffset: options.firstUncleanableOffset }
  }

  /** Whole in one call; what was appended after it follows with `moveLog`. */
  async copyLog(log: number, { directory }: CopyOptions): Promise<CopyProgress> {
    const { data } = this.logAt(log)
    this.disk.makeDirectory(directory)
    this.disk.logs.set(directory, emptyLog())
    this.copies.set(log, directory)
    const copiedBytes = this.segments(log).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return { copiedBytes, lagBytes: 0, endOffset: data.logEndOffset }
  }

  async moveLog(log: number, directory: string): Promise<void> {
    await this.settle()
    const copy = this.copies.get(log)
    const open = this.logAt(log)
    const error = this.fault({ ...open, directory })
    if (error !== null) throw error
    if (copy === undefined || open.refusing) throw new EngineError('move', 22, 'EINVAL', directory)
    this.disk.rename(copy, directory)
    const data = structuredCopy(open.data)
    this.disk.logs.set(directory, data)
    this.logs[log] = { ...open, directory, data }
  }

  async endMove(log: number): Promise<void> {
    this.copies.delete(log)
  }

  transcoded(): void {}

  /** Everything submitted before; never inside an event that is being delivered. */
  private async settle(): Promise<void> {
    await Promise.resolve()
    this.run()
  }

  private submit(append: PendingAppend): void {
    this.tickets.appended(append.ticket)
    this.pending.push(append)
    this.schedule()
  }

  private schedule(): void {
    if (!this.auto || this.scheduled) return
    this.scheduled = true
    queueMicrotask(() => {
      this.scheduled = false
      this.run()
    })
  }

  private write(append: PendingAppend): void {
    const open = this.logs[append.log]
    if (open === undefined || open.refusing) {
      this.tickets.settled(append.ticket, false)
      return
    }
    const error = this.fault(open)
    if (error !== null) {
      open.refusing = true
      this.events?.logFailed(append.log, open.data.logEndOffset, error)
      this.tickets.settled(append.ticket, false)
      return
    }
    this.store(append, open)
    this.events?.appended(append.log, append.endOffset)
    this.tickets.settled(append.ticket, true)
  }

  private store(append: PendingAppend, open: OpenLog): void {
    const { data, options } = open
    const bytes = append.bytes()
    if (append.baseOffset !== data.logEndOffset) {
      throw new Error(`append at ${append.baseOffset} to a log that ends at ${data.logEndOffset}`)
    }
    const size = (data.segments.at(-1)?.batches ?? []).reduce((sum, batch) => sum + batch.bytes.length, 0)
    if (size > 0 && size + bytes.length > options.segmentBytes) this.startSegment(append.log, open)
    const active = data.segments.at(-1) as SimSegment
    const { baseOffset, endOffset, maxTimestamp } = append
    active.batches.push({ baseOffset, endOffset, bytes, maxTimestamp, synced: false })
    active.lastModifiedMs = this.nowMs()
    data.logEndOffset = endOffset
    open.unsyncedRecords += append.recordCount
    if (open.unsyncedRecords >= options.flushMessages) sync(open)
  }

  private startSegment(log: number, open: OpenLog): void {
    const { data } = open
    const baseOffset = data.logEndOffset
    if (data.segments.at(-1)?.baseOffset === baseOffset) return
    data.segments.push({ baseOffset, batches: [], lastModifiedMs: this.nowMs() })
    this.events?.rolled(log, baseOffset)
  }

  private fault(open: OpenLog): EngineError | null {
    const fault = this.faults.find(({ directory }) => open.directory.startsWith(directory))
    if (fault === undefined) return null
    fault.times--
    if (fault.times <= 0) this.faults.splice(this.faults.indexOf(fault), 1)
    return new EngineError('pwritev', ERRNO[fault.code] ?? 1, fault.code, open.directory)
  }

  private logAt(log: number): OpenLog {
    const open = this.logs[log]
    if (open === undefined) throw new EngineError('log', 9, 'EBADF', String(log))
    return open
  }
}

/** Everything in it is on the device. */
function structuredCopy(log: SimLog): SimLog {
  const segments = log.segments.map((segment) => ({
    ...segment,
    batches: segment.batches.map((batch) => ({ ...batch, synced: true })),
  }))
  return { ...log, segments }
}

const NOTHING_CLEANED: Omit<CleanedLog, 'endOffset'> = {
  failure: null,
  bytesRead: 0,
  bytesBefore: 0,
  bytesWritten: 0,
  recordsRead: 0,
  recordsKept: 0,
  recordsInvalid: 0,
  mapEntries: 0,
  mapEntriesMax: 0,
  indexMs: 0,
  copyMs: 0,
  removedSegments: [],
  droppedMarkers: [],
}

function emptyLog(): SimLog {
  return { segments: [{ baseOffset: 0, batches: [], lastModifiedMs: 0 }], logStartOffset: 0, logEndOffset: 0 }
}

function sync(open: OpenLog): void {
  open.unsyncedRecords = 0
  for (const segment of open.data.segments) for (const batch of segment.batches) batch.synced = true
}

/** What a log that lost even what was deleted from it goes on with. */
function beginAt(data: SimLog, offset: number): void {
  data.segments.splice(0, data.segments.length, { baseOffset: offset, batches: [], lastModifiedMs: 0 })
  data.logEndOffset = offset
}
