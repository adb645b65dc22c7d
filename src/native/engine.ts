// The door between the two planes, as the control plane sees it.
//
// `binding.ts` implements it over the C++ addon; `test/sim/engine.ts` implements it in memory. Nothing above
// this interface reads a socket, a record file or a native thread.
//
// Threads: every method is called on the main thread, every event is delivered on the main thread.
// Hot verbs (send*, append*, release, skip) only write into a command area in shared memory; `flush()` hands
// them over in one crossing. The binding calls it by itself at the end of each drained batch of events and
// once per turn of the event loop when commands are waiting, so callers need it only to hurry.
//
// Rare verbs return promises. They reject with an `EngineError` (operation, errno, path), never anything else.
//
// Units: offsets are logical, positions are bytes. Connection, log and frame handles are small integers that
// are reused after closing; the engine ignores commands that carry a stale handle.

import type { LookupBudget, LookupRows } from './lookup-rows.js'
import type { LogOptions, OpenedLog, OpenLogOptions } from './open-log.js'

export type { LogOptions, OpenedLog, OpenLogOptions, ScannedTail } from './open-log.js'

/** An environment error, as the system reported it. */
export class EngineError extends Error {
  readonly code: string
  constructor(
    readonly operation: string,
    readonly errno: number,
    code: string,
    readonly path: string,
  ) {
    super(`${operation} ${path}: ${code}`)
    this.code = code
  }
}

export interface EngineOptions {
  /** 0: the main thread moves the bytes itself, between the turns of the script. */
  readonly networkThreads: number
  readonly logThreads: number
  /** Largest accepted frame; larger or negative sizes close the connection (`socket.request.max.bytes`). */
  readonly frameBytesMax: number
  /** Native memory for received frames. When it is used up, reactors stop reading. */
  readonly slabBytes: number
  /** Frames of one connection that may be unanswered before the reactor stops reading it. */
  readonly connectionFramesMax: number
  /** Unsent reply bytes of one connection (slices counted) before the reactor stops reading it. */
  readonly connectionSendBytesMax: number
  readonly connectionsMax: number
  readonly sendBufferBytes: number
  readonly receiveBufferBytes: number
  /** TCP congestion control for accepted sockets; empty keeps the system's. */
  readonly congestionControl: string
}

/** What the reactor found when it checked the record batches of a frame with the bytes still in cache. */
export const FrameVerdict = {
  /** Not a Produce request: nothing to check. */
  Unchecked: 0,
  /** Every batch is one whole magic-2 batch with a matching CRC-32C. */
  Verified: 1,
  /** At least one batch failed; ask `inspect` for each. */
  Failed: 2,
} as const

/** Why a connection ended. */
export const CloseReason = { Peer: 0, Requested: 1, BadFrameSize: 2, SocketError: 3, SlowPeer: 4 } as const

export interface EngineEvents {
  accepted(connection: number, listener: number, peer: Peer): void
  /**
   * One whole request frame, size prefix not included, at `slab[position, position + length)`.
   * `sequence` counts the frames of the connection from 0; replies leave in this order.
   * The bytes stay valid until `release(frame)` was flushed and all appends that use them completed.
   */
  frame(
    connection: number,
    sequence: number,
    position: number,
    length: number,
    verdict: number,
    frame: number,
  ): void
  closed(connection: number, reason: number): void
  /** All records of the log below `endOffset` are written (and synced where `flushMessages` asks for it). */
  appended(log: number, endOffset: number): void
  /** The engine started a new segment; everything below `baseOffset` is in closed segments. */
  rolled(log: number, baseOffset: number): void
  /** An index of this segment did not fit its records; both were made anew. */
  indexRebuilt(log: number, baseOffset: number): void
  /**
   * A write failed: the log kept nothing past `endOffset` and refuses appends until `resumeLog`.
   * Tickets of the refused appends fail one by one after this event.
   */
  logFailed(log: number, endOffset: number, error: EngineError): void
  /** The appends of a ticket are settled and at least one failed; no attached reply was sent. */
  ticketFailed(ticket: number): void
  /** The appends of a ticket without attached reply are all written. */
  ticketDone(ticket: number): void
  /** Compaction asks for the records of a batch in another form; `transcoded` answers, in any order. */
  transcode(job: TranscodeJob): void
  /** The whole batch of events was delivered; the engine flushes commands after this returns. */
  drained(): void
}

export interface TranscodeJob {
  readonly job: number
  /** As in the attributes of a batch. */
  readonly codec: number
  readonly compress: boolean
  readonly bytes: Buffer
}

export interface Peer {
  readonly address: string
  readonly port: number
  readonly localAddress: string
  readonly localPort: number
}

export interface ListenOptions {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  readonly backlog: number
}

export interface SegmentInfo {
  readonly baseOffset: number
  readonly sizeBytes: number
  /** Largest record timestamp, -1 when unknown. */
  readonly maxTimestamp: number
  readonly lastModifiedMs: number
}

/** Reused by the caller; `lookup` reads the first five fields and fills the rest. */
export interface Lookup {
  log: number
  /** First wanted offset. */
  offset: number
  /** Nothing at or above this offset is returned (high watermark or last stable offset). */
  maxOffset: number
  /** Byte budget. A first batch larger than it is returned whole when `atLeastOneBatch`. */
  maxBytes: number
  atLeastOneBatch: boolean
  /** Out: names the segment for a slice; byte range of whole batches inside its `.log`. */
  segment: number
  position: number
  length: number
  /**
   * Out: no batch of the range reaches it. The offset after the last one, or a little more when finding that would
   * have cost a read.
   */
  endOffset: number
}

export const LookupStatus = { Found: 0, Empty: 1, OutOfRange: 2, Failed: 3 } as const

/** A list of file slices inside a reply, kept as parallel arrays so that building one allocates nothing. */
export interface SliceList {
  count: number
  /** Byte position in the reply (counted from its size prefix) before which the slice is inserted. */
  readonly at: Int32Array
  readonly log: Int32Array
  readonly segment: Float64Array
  readonly position: Float64Array
  readonly length: Int32Array
}

export interface AppendBytesOptions {
  readonly baseOffset: number
  readonly endOffset: number
  readonly maxTimestamp: number
  readonly recordCount: number
  readonly ticket: number
}

/** Result of checking one batch: an index into the table of reasons that `log/verify.ts` maps to Kafka errors. */
export const Inspection = { Valid: 0, Truncated: 1, BadMagic: 2, BadCrc: 3, TrailingBytes: 4 } as const

export interface Engine {
  /** The slab frames lie in; one Buffer for the life of the engine. */
  readonly slab: Buffer
  /** Where replies are encoded; see `outboxStart`. */
  readonly outbox: Buffer

  start(events: EngineEvents): void
  /** Stops reactors and lanes, joins every thread, closes every file. Open logs are closed cleanly. */
  stop(): Promise<void>
  flush(): void

  // Network.
  listen(options: ListenOptions): Promise<{ listener: number; port: number }>
  closeListener(listener: number): Promise<void>
  /** The first free byte of the outbox; at least `OUTBOX_RESERVE` bytes follow it. May flush. */
  outboxStart(): number
  /** Reply = `outbox[start, end)`, size prefix included in the bytes and counting the slices. */
  send(connection: number, sequence: number, start: number, end: number, slices: SliceList | null): void
  /** The same from any buffer, copied: for replies that outgrow the outbox. */
  sendBuffer(connection: number, sequence: number, bytes: Buffer, slices: SliceList | null): void
  /** Attaches the reply to a ticket: it leaves when all `appendCount` appends of the ticket are written. */
  sendAfterAppends(
    connection: number,
    sequence: number,
    start: number,
    end: number,
    ticket: number,
    appendCount: number,
  ): void
  /** Settles a ticket without reply after `appendCount` appends: `ticketDone` or `ticketFailed` follows. */
  awaitAppends(ticket: number, appendCount: number): void
  /** This frame gets no reply (acks=0). */
  skip(connection: number, sequence: number): void
  /** Ends the connection after the replies already given to `send`. */
  close(connection: number): void
  /** Stops (resumes) reading from the connection, for quotas. */
  pause(connection: number): void
  resume(connection: number): void
  /** The script no longer uses the frame's bytes. */
  release(frame: number): void
  inspect(position: number, length: number): number

  // Log.
  openLog(options: OpenLogOptions): Promise<OpenedLog>
  configureLog(log: number, options: LogOptions): void
  /**
   * Appends `slab[position, position + length)`, whose base offset and leader epoch are already stamped.
   * The order of appends to one log is the order of these calls. Keeps the frame alive until written.
   */
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
  ): void
  /** The same for a batch built by the script; the bytes are copied. */
  appendBytes(log: number, bytes: Buffer, options: AppendBytesOptions): void
  /** Appends are accepted again after `logFailed`, in order after every earlier refused one. */
  resumeLog(log: number): void
  lookup(query: Lookup): number
  /** Where the lookups of one request are written and answered. */
  readonly lookups: LookupRows
  /** Answers the rows that were added, in one crossing. Whoever reads the answers sets `count` back to 0. */
  lookupAll(budget: LookupBudget): void
  /** First record at or after the timestamp, from the time index and then the batches; null when none. */
  findTimestamp(log: number, timestamp: number, maxOffset: number): Promise<TimestampHit | null>
  /** The record with the largest timestamp below `maxOffset`; null when the log is empty. */
  findMaxTimestamp(log: number, maxOffset: number): Promise<TimestampHit | null>
  /** Copies whole batches from `offset`; for coordinators and recovery, not for fetches. */
  readBytes(log: number, offset: number, maxOffset: number, maxBytes: number): Promise<Buffer>
  /** The 61-byte headers of up to `batchesMax` batches from `offset`, back to back. */
  readHeaders(log: number, offset: number, batchesMax: number): Promise<Buffer>
  segments(log: number): SegmentInfo[]
  /** Closes files that are only kept at hand; false when there are none. For whoever met the limit of descriptors. */
  makeRoom(): boolean
  roll(log: number): Promise<void>
  flushLog(log: number): Promise<void>
  /** Removes everything at or above `offset`. */
  truncate(log: number, offset: number): Promise<void>
  /** Raises the start and deletes segments wholly below it (renamed to `.deleted` first). */
  advanceStart(log: number, offset: number): Promise<void>
  closeLog(log: number): Promise<void>
  /**
   * One round of compaction, on a native thread of its own. Resolves also when the round ended early: what it had
   * done by then stays. The caller bounds how many run at once; a second one of the same log is refused.
   */
  cleanLog(log: number, options: CleanOptions): Promise<CleanedLog>
  /**
   * Copies part of the log into another directory, on a thread of its own, on from where the last call ended; what it
   * has copied is on the device. EBUSY while the log is cleaned, which it is not from here until `endMove`.
   */
  copyLog(log: number, options: CopyOptions): Promise<CopyProgress>
  /**
   * Copies the rest, gives the copy its final name and goes on in it; appends wait meanwhile. The files of the old
   * directory stay in use until `endMove`. When it rejects, the log and the copy are what they were.
   */
  moveLog(log: number, directory: string): Promise<void>
  /** After `moveLog`, or instead of it. */
  endMove(log: number): Promise<void>
  /** Null when the codec refused the bytes. */
  transcoded(job: number, bytes: Buffer | null): void
}

export interface CleanOptions {
  /** Keys are looked at from here up to `firstUncleanableOffset`, a segment boundary; all below is copied. */
  readonly firstDirtyOffset: number
  readonly firstUncleanableOffset: number
  readonly nowMs: number
  readonly deleteRetentionMs: number
  readonly segmentBytes: number
  readonly segmentIndexBytes: number
  readonly indexIntervalBytes: number
  /** Memory for the keys of one round, and how full it may get. */
  readonly mapBytes: number
  readonly loadFactor: number
  readonly bufferBytes: number
  /** Shared by all rounds that run. */
  readonly bytesPerSecond: number
  /** Three numbers for each active producer: id, last offset of its newest batch or -1, epoch. */
  readonly producers: Float64Array
  /** Four for each aborted transaction begun below `firstUncleanableOffset`: as in a transaction index. */
  readonly aborted: Float64Array
}

export interface CopyOptions {
  /** Made by the first call, the same in all. Its parent exists. */
  readonly directory: string
  /** One call's share. */
  readonly bytesMax: number
  /** Shared by all copies that run. */
  readonly bytesPerSecond: number
}

export interface CopyProgress {
  readonly copiedBytes: number
  /** Bytes of the log that the copy lacks. */
  readonly lagBytes: number
  /** Everything below is copied. */
  readonly endOffset: number
}

export interface CleanedLog {
  /** Why the round ended early. */
  readonly failure: { readonly operation: string; readonly code: string; readonly path: string } | null
  /** The log is clean up to here, when there was no failure. */
  readonly endOffset: number
  readonly bytesRead: number
  /** Size of the replaced segments, and of those in their place. */
  readonly bytesBefore: number
  readonly bytesWritten: number
  readonly recordsRead: number
  readonly recordsKept: number
  readonly recordsInvalid: number
  readonly mapEntries: number
  readonly mapEntriesMax: number
  readonly indexMs: number
  readonly copyMs: number
  /** Base offsets of segments that were merged into the one before. */
  readonly removedSegments: readonly number[]
  /** Markers of aborted transactions that readers need no more. */
  readonly droppedMarkers: readonly number[]
}

export const OUTBOX_RESERVE = 65_536

export interface TimestampHit {
  readonly timestamp: number
  readonly offset: number
  readonly leaderEpoch: number
  /**
   * Only when the records are compressed, which the engine does not look into: a copy of the batch that holds the
   * record. `offset` and `timestamp` are then the batch's first offset and largest timestamp.
   */
  readonly batch?: Buffer
}
