import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import { buildBatch } from '../protocol/records/batch-builder.js'
import { leaderEpoch } from '../protocol/records/batch-header.js'
import { REPLAY_READ_BYTES_MAX } from './limits.js'
import type { MetadataDelta } from './metadata-delta.js'
import { encodeRecord, type MetadataRecord } from './metadata-record.js'
import { encodeSnapshot, type MetadataSnapshot } from './metadata-snapshot.js'
import type { MutableImage } from './mutable-image.js'
import { Replay } from './replay.js'

/** Kafka's no-op record, which an idle controller writes: the only type that leaves nothing behind. */
const NOTHING_KEPT: ReadonlySet<number> = new Set([20])

/** The log `__cluster_metadata-0`, flushed on every append. A partition has this shape. */
export interface MetadataLog {
  readonly logStartOffset: number
  readonly logEndOffset: number
  appendRecords(batch: Buffer): Promise<{ baseOffset: number; endOffset: number }>
  readBytes(offset: number, maxBytes: number): Promise<Buffer>
}

/** Where snapshots go. */
export interface SnapshotFiles {
  /** On disk, whole, when it resolves; the log may then be cut below the snapshot before it. */
  write(snapshot: {
    readonly endOffset: number
    readonly epoch: number
    readonly content: Buffer
  }): Promise<void>
}

export interface SnapshotPolicy {
  readonly bytesBetween: () => number
  /** 0 for never. */
  readonly intervalMs: () => number
}

/**
 * The image and the log it is made from. Each operation is one batch of Kafka's own metadata records: key null,
 * value framed as in `protocol/metadata-frame.ts`. The batch is on disk before the image changes, and a restart
 * applies the same batches through the same `apply`. A torn last batch was never acknowledged and is cut by log
 * recovery.
 *
 * After so many bytes or so long a snapshot of the image is written, from which a start begins. Not while the log
 * holds records of types the image has no place for: a snapshot would lose them.
 *
 * One `append` at a time; the controller keeps that order.
 */
export class MetadataStore {
  private complete = true
  private snapshotMs: number
  private bytesSince = 0
  private lastTimestamp = 0

  constructor(
    readonly image: MutableImage,
    private readonly log: MetadataLog,
    private readonly deps: {
      readonly clock: Clock
      readonly logger: Logger
      readonly snapshots?: SnapshotFiles & SnapshotPolicy
    },
  ) {
    this.snapshotMs = deps.clock.nowMs()
  }

  /** The snapshot, if there is one, stands for what is below its end offset. */
  async replay(snapshot: MetadataSnapshot | null = null): Promise<void> {
    const replay = new Replay(this.image)
    let offset = this.log.logStartOffset
    if (snapshot !== null && snapshot.endOffset >= offset) {
      replay.take(snapshot.content)
      // Its own batches are counted from 0.
      this.image.offset = snapshot.endOffset - 1
      offset = snapshot.endOffset
    } else if (offset > 0) {
      throw new Error(
        `metadata log: what lies below offset ${offset} is gone, and no whole snapshot stands for it`,
      )
    }
    while (offset < this.log.logEndOffset) {
      const bytes = await this.log.readBytes(offset, REPLAY_READ_BYTES_MAX)
      const next = replay.take(bytes)
      if (next <= offset) throw new Error(`metadata log: no whole batch at offset ${offset}`)
      this.bytesSince += bytes.length
      offset = next
    }
    const { passedOver } = replay
    if (passedOver.size > 0) {
      this.complete = [...passedOver.keys()].every((type) => NOTHING_KEPT.has(type))
      const byType = Object.fromEntries(passedOver)
      this.deps.logger.info('metadata records of types that are not kept here were passed over', { byType })
    }
  }

  async append(records: readonly MetadataRecord[]): Promise<MetadataDelta> {
    const timestamp = this.deps.clock.nowMs()
    const batch = buildBatch(records.map((record) => ({ key: null, value: encodeRecord(record), timestamp })))
    const { endOffset } = await this.log.appendRecords(batch)
    const delta = this.image.apply(records, endOffset - 1)
    this.bytesSince += batch.length
    this.lastTimestamp = timestamp
    await this.snapshotIfDue(leaderEpoch(batch, 0))
    return delta
  }

  private async snapshotIfDue(epoch: number): Promise<void> {
    const { snapshots, clock, logger } = this.deps
    if (snapshots === undefined || !this.complete) return
    const nowMs = clock.nowMs()
    const intervalMs = snapshots.intervalMs()
    const aged = intervalMs > 0 && nowMs - this.snapshotMs >= intervalMs
    if (this.bytesSince < snapshots.bytesBetween() && !aged) return
    // Whatever becomes of this one, the next is not due at once.
    this.bytesSince = 0
    this.snapshotMs = nowMs
    const endOffset = this.image.offset + 1
    try {
      const content = encodeSnapshot(this.image, { epoch, lastTimestamp: this.lastTimestamp })
      await snapshots.write({ endOffset, epoch, content })
      logger.info('metadata snapshot written', { endOffset, bytes: content.length })
    } catch (error) {
      logger.error('metadata snapshot was not written, the log is kept whole', { error: String(error) })
    }
  }
}
