import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import { buildBatch } from '../protocol/records/batch-builder.js'
import { REPLAY_READ_BYTES_MAX } from './limits.js'
import type { MetadataDelta } from './metadata-delta.js'
import { encodeRecord, type MetadataRecord } from './metadata-record.js'
import type { MetadataSnapshot } from './metadata-snapshot.js'
import type { MutableImage } from './mutable-image.js'
import { Replay } from './replay.js'

/** The log `__cluster_metadata-0`, flushed on every append. A partition has this shape. */
export interface MetadataLog {
  readonly logStartOffset: number
  readonly logEndOffset: number
  appendRecords(batch: Buffer): Promise<{ baseOffset: number; endOffset: number }>
  readBytes(offset: number, maxBytes: number): Promise<Buffer>
}

/**
 * The image and the log it is made from. Each operation is one batch of Kafka's own metadata records: key null,
 * value framed as in `protocol/metadata-frame.ts`. The batch is on disk before the image changes, and a restart
 * applies the same batches through the same `apply`. A torn last batch was never acknowledged and is cut by log
 * recovery.
 *
 * One `append` at a time; the controller keeps that order.
 */
export class MetadataStore {
  constructor(
    readonly image: MutableImage,
    private readonly log: MetadataLog,
    private readonly deps: { readonly clock: Clock; readonly logger: Logger },
  ) {}

  /** The snapshot, if there is one, stands for what is below its end offset. */
  async replay(snapshot: MetadataSnapshot | null = null): Promise<void> {
    const replay = new Replay(this.image)
    let offset = this.log.logStartOffset
    if (snapshot !== null && snapshot.endOffset >= offset) {
      replay.take(snapshot.content)
      offset = snapshot.endOffset
    }
    while (offset < this.log.logEndOffset) {
      const bytes = await this.log.readBytes(offset, REPLAY_READ_BYTES_MAX)
      const next = replay.take(bytes)
      if (next <= offset) throw new Error(`metadata log: no whole batch at offset ${offset}`)
      offset = next
    }
    const { passedOver } = replay
    if (passedOver.size > 0) {
      const byType = Object.fromEntries(passedOver)
      this.deps.logger.info('metadata records of types that are not kept here were passed over', { byType })
    }
  }

  async append(records: readonly MetadataRecord[]): Promise<MetadataDelta> {
    const timestamp = this.deps.clock.nowMs()
    const batch = buildBatch(records.map((record) => ({ key: null, value: encodeRecord(record), timestamp })))
    const { endOffset } = await this.log.appendRecords(batch)
    return this.image.apply(records, endOffset - 1)
  }
}
