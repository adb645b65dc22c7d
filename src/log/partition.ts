import { CallbackTimer } from '../base/timing-wheel.js'
import { EngineError } from '../native/engine.js'
import { ErrorCode } from '../protocol/errors.js'
import type { AdvanceListener } from './advance-listener.js'
import { appendProduced, appendRecords, type ProduceFacts } from './append.js'
import { AppendError } from './append-error.js'
import { appendMarker, type MarkerRequest } from './append-marker.js'
import type { AppendOutcome } from './append-result.js'
import { failureScope } from './disk-error.js'
import { writeEpochs } from './epoch-checkpoint.js'
import { type EpochEnd, LeaderEpochs } from './leader-epochs.js'
import { RESUME_DELAY_MS } from './limits.js'
import { engineOptions, type LogConfig } from './log-config.js'
import { findOffset, type OffsetQuery, type TimestampOffset } from './offset-for-timestamp.js'
import { abortedOf } from './open-transactions.js'
import type { PartitionServices } from './partition-services.js'
import { ProducerSnapshots } from './producer-snapshots.js'
import { ProducerState } from './producer-state.js'
import { Isolation } from './read.js'
import type { RecordWork } from './record-work.js'
import { TransactionIndex } from './transaction-index.js'
import type { ProducedBatch } from './verify.js'
import { Watermarks } from './watermarks.js'

const EIO = 5

export interface PartitionIdentity {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
}

/**
 *   open     reads and writes
 *   paused   a write failed for want of space or descriptors; reads only, until it is tried again
 *   offline  the disk failed; neither, until the broker is started again
 *   closed   deleted, or the broker stops
 */
export type PartitionStatus = 'open' | 'paused' | 'offline' | 'closed'

/** What a partition needs of the log directory it lies in. */
export interface PartitionKeeper {
  /** Writes the log start offsets of its log directory; false when that failed. */
  checkpointStart(partition: Partition): Promise<boolean>
  /** The same for recovery points. */
  checkpointRecovery(partition: Partition): Promise<boolean>
  /** An error of a small file, which may take the whole log directory offline. */
  smallFileFailed(partition: Partition, error: unknown): void
}

/**
 * One partition this broker leads: its identity, its state and its verbs, each in a file of its own. Created by
 * the log manager with an open log; lives until the log manager closes it. Everything here happens on the main
 * thread; offsets move by the engine's events, which the log manager passes on.
 */
export class Partition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** `topic-partition`. */
  readonly name: string
  readonly services: PartitionServices
  readonly watermarks: Watermarks
  readonly epochs: LeaderEpochs
  readonly producers: ProducerState
  readonly snapshots: ProducerSnapshots
  readonly transactionIndex: TransactionIndex
  /** Absolute path of the partition's directory, and the log directory it lies in. `relocate` changes both. */
  directory: string
  logDirectory: string
  /** Engine handle; -1 after closing. */
  log: number
  config: LogConfig
  leaderEpoch = 0
  status: PartitionStatus = 'open'
  /** Everything below is on disk; where a scan begins after a crash. */
  recoveryPoint: number
  lastFlushMs: number
  /** Compaction looked at every key below; -1 when it never did. */
  cleanOffset: number
  recordWork: RecordWork | null = null
  /** On its way to another log directory; it is not compacted meanwhile. */
  moving = false
  /** The log manager, once it has the partition. */
  keeper: PartitionKeeper | null = null
  private cleaning = false
  private dropBelow = -1
  private readonly jitter: number
  /** Made when it is first needed, which for most partitions is never. */
  private resumeTimer: CallbackTimer | null = null

  constructor(
    identity: PartitionIdentity,
    services: PartitionServices,
    log: {
      readonly log: number
      readonly directory: string
      readonly logDirectory: string
      readonly logStartOffset: number
      readonly logEndOffset: number
      readonly recoveryPoint: number
      readonly cleanOffset: number
      readonly config: LogConfig
      /** In [0, 1): this log's part of `segment.jitter.ms`. */
      readonly jitter: number
    },
  ) {
    this.topic = identity.topic
    this.topicId = identity.topicId
    this.partition = identity.partition
    this.name = `${identity.topic}-${identity.partition}`
    this.services = services
    this.log = log.log
    this.directory = log.directory
    this.logDirectory = log.logDirectory
    this.producers = new ProducerState(services.clock)
    this.watermarks = new Watermarks(log, this.producers.transactions)
    this.epochs = new LeaderEpochs()
    this.snapshots = new ProducerSnapshots(log.directory, services.files, (snapshot) =>
      services.logger.warn('a producer snapshot is damaged, its log is read instead', { snapshot }),
    )
    this.transactionIndex = new TransactionIndex(log.directory, services.files, () =>
      services.engine.segments(this.log).map(({ baseOffset }) => baseOffset),
    )
    this.recoveryPoint = log.recoveryPoint
    this.cleanOffset = log.cleanOffset
    this.config = log.config
    this.jitter = log.jitter
    this.lastFlushMs = services.clock.nowMs()
  }

  get logStartOffset(): number {
    return this.watermarks.logStartOffset
  }

  /** Written, not merely sequenced. */
  get logEndOffset(): number {
    return this.watermarks.logEndOffset
  }

  get highWatermark(): number {
    return this.watermarks.highWatermark
  }

  get lastStableOffset(): number {
    return this.watermarks.lastStableOffset
  }

  get writable(): boolean {
    return this.status === 'open'
  }

  get readable(): boolean {
    return this.status === 'open' || this.status === 'paused'
  }

  get offline(): boolean {
    return this.status === 'offline'
  }

  /** The offset the next append will get. */
  nextOffset(): number {
    return this.watermarks.nextOffset
  }

  appendProduced(batch: ProducedBatch, request: ProduceFacts, out: AppendOutcome): void {
    appendProduced(this, batch, request, out)
  }

  appendRecords(batch: Buffer): Promise<{ baseOffset: number; endOffset: number }> {
    return appendRecords(this, batch)
  }

  /** Ends a producer's transaction here. Resolves when the marker is written or refused; never rejects. */
  appendMarker(marker: MarkerRequest): Promise<{ errorCode: number }> {
    return appendMarker(this, marker)
  }

  /** Whole batches from `offset` up to the high watermark; for loading, not for fetches. */
  readBytes(offset: number, maxBytes: number): Promise<Buffer> {
    if (offset >= this.highWatermark) return Promise.resolve(Buffer.alloc(0))
    return this.services.engine.readBytes(this.log, offset, this.highWatermark, maxBytes)
  }

  endOffsetForEpoch(epoch: number): EpochEnd {
    return this.epochs.endOffsetFor(epoch, this.logEndOffset)
  }

  /** Null when no record is that young. Rejects with an EngineError. */
  offsetForTimestamp(query: OffsetQuery): Promise<TimestampOffset | null> {
    return findOffset(this, query)
  }

  /** NONE, or why this leader epoch is not the one the client should talk to; -1 is never checked. */
  checkLeaderEpoch(currentLeaderEpoch: number): ErrorCode {
    if (currentLeaderEpoch < 0 || currentLeaderEpoch === this.leaderEpoch) return ErrorCode.NONE
    return currentLeaderEpoch < this.leaderEpoch
      ? ErrorCode.FENCED_LEADER_EPOCH
      : ErrorCode.UNKNOWN_LEADER_EPOCH
  }

  /**
   * Records below `offset` are no longer readable, and whole segments of them leave the disk, after the round of
   * compaction if there is one. Resolves when a crash cannot bring them back, or as soon as there is room to say so;
   * rejects when the disk failed.
   */
  async deleteRecordsBefore(offset: number): Promise<void> {
    if (offset <= this.logStartOffset) return
    this.watermarks.logStartOffset = offset
    this.epochs.truncateStart(offset)
    await this.rememberProducers(offset)
    const kept = (await this.keeper?.checkpointStart(this)) ?? true
    // For want of space alone the records go all the same, for that makes room.
    if (!kept && this.offline) throw new EngineError('checkpoint', EIO, 'EIO', this.logDirectory)
    await writeEpochs(this)
    if (this.cleaning) this.dropBelow = Math.max(this.dropBelow, offset)
    else await this.dropSegments(offset)
  }

  /** A round of compaction reads the segments; those that are to leave wait, for it would fail without them. */
  beginCleaning(): void {
    this.cleaning = true
  }

  async endCleaning(): Promise<void> {
    this.cleaning = false
    const offset = this.dropBelow
    this.dropBelow = -1
    if (offset >= 0 && this.status !== 'closed') await this.dropSegments(offset)
  }

  private async dropSegments(offset: number): Promise<void> {
    const { engine } = this.services
    await engine.advanceStart(this.log, offset)
    const [oldest] = engine.segments(this.log)
    if (oldest === undefined) return
    this.transactionIndex.removeBelow(oldest.baseOffset)
    await this.snapshots.removeBelow(offset)
  }

  /**
   * The batches below `offset` will tell nothing any more after a crash, but a retry of them may still come. Without
   * room for it the records go all the same, for that makes room.
   */
  private async rememberProducers(offset: number): Promise<void> {
    if (this.producers.size === 0) return
    try {
      await this.snapshots.write(this.producers, offset)
    } catch (error) {
      const fields = { partition: this.name, offset, error: String(error) }
      this.services.logger.warn('producer snapshot was not written, a crash would forget retries', fields)
    }
  }

  /** Until the listener is unlinked or told to wait elsewhere. */
  onAdvance(listener: AdvanceListener, isolation: number = Isolation.readUncommitted): void {
    if (isolation === Isolation.readCommitted) this.watermarks.listenStable(listener)
    else this.watermarks.listen(listener)
  }

  /** The engine's `appended`. */
  written(endOffset: number): void {
    this.endTransactions(endOffset)
    this.watermarks.written(endOffset)
  }

  configure(config: LogConfig): void {
    this.config = config
    this.services.engine.configureLog(this.log, this.logOptions())
  }

  logOptions() {
    const jitterMsMax = Math.min(this.config.segmentJitterMs, this.config.segmentMs)
    return engineOptions(this.config, Math.floor(this.jitter * jitterMsMax))
  }

  /** From now on records are stamped with this epoch. */
  lead(leaderEpoch: number): void {
    this.leaderEpoch = leaderEpoch
    this.epochs.assign(leaderEpoch, this.watermarks.nextOffset)
  }

  /**
   * The engine's `logFailed`: nothing past `endOffset` was kept. What was in flight fails, offsets and producers go
   * back to what is written. Want of space is tried again after a while; any other error takes the partition out
   * of service, because a disk that failed a write cannot be trusted to have kept the others.
   */
  failed(endOffset: number, error: EngineError): void {
    const { logger, timers } = this.services
    const passing = failureScope(error) === 'passing'
    if (this.status === 'open') this.status = passing ? 'paused' : 'offline'
    const consequence = passing ? 'appends are refused until it passes' : 'the partition is offline'
    logger.error(`write failed, ${consequence}`, { partition: this.name, endOffset, error: error.message })
    this.endTransactions(endOffset)
    this.watermarks.failed(endOffset, new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, error.message))
    this.producers.rollback(endOffset)
    if (this.status === 'paused') {
      this.resumeTimer ??= new CallbackTimer(() => this.resume())
      timers.schedule(this.resumeTimer, RESUME_DELAY_MS)
    } else if (this.status === 'offline') this.watermarks.interrupt(() => error)
  }

  /** The log goes on in another directory, which has the same files. */
  relocate(place: { readonly directory: string; readonly logDirectory: string }): void {
    this.directory = place.directory
    this.logDirectory = place.logDirectory
    this.snapshots.directory = place.directory
    this.transactionIndex.directory = place.directory
    this.epochs.dirty = true
  }

  /** Its log directory failed: what is still being written may come to an end, nothing new begins. */
  takeOffline(error: Error): void {
    if (this.status === 'closed' || this.status === 'offline') return
    this.status = 'offline'
    this.cancelResume()
    this.watermarks.interrupt(() => new AppendError(ErrorCode.KAFKA_STORAGE_ERROR, error.message))
  }

  /** Wakes everybody who waits; nothing is served afterwards. */
  closed(): void {
    this.status = 'closed'
    this.cancelResume()
    const closed = () => new AppendError(ErrorCode.NOT_LEADER_OR_FOLLOWER, `${this.name} is closed`)
    this.watermarks.interrupt(closed)
  }

  /** Before the watermarks move, so that whoever they wake sees aborted records as such. */
  private endTransactions(endOffset: number): void {
    const over = this.producers.transactions.written(endOffset)
    if (over.length > 0) this.transactionIndex.add(abortedOf(over))
  }

  private cancelResume(): void {
    if (this.resumeTimer !== null) this.services.timers.cancel(this.resumeTimer)
  }

  private resume(): void {
    if (this.status !== 'paused') return
    this.status = 'open'
    this.services.engine.resumeLog(this.log)
  }
}
