import { CallbackTimer, type TimerEntry } from '../base/timing-wheel.js'
import { forEachConcurrently } from './concurrency.js'
import { writeEpochs } from './epoch-checkpoint.js'
import { flushPartition } from './flush-partition.js'
import type { LogDirectory } from './log-directory.js'
import type { LogManagerOptions } from './log-manager-options.js'
import type { Partition } from './partition.js'
import type { PartitionServices } from './partition-services.js'
import { retentionStart } from './retention.js'

/** Partitions looked at before other work gets its turn: each asks the engine for its segments. */
const SWEEP_PARTITIONS_MAX = 100
const SWEEP_PAUSE_MS = 5

/** Small files written at once in the background. */
const CHECKPOINTS_MAX = 4

interface Kept {
  readonly directories: readonly LogDirectory[]
  partitions(): Iterable<Partition>
}

/**
 * What happens to logs by the clock: checkpoints, retention, `flush.ms`, forgetting of idle producers. One timer
 * per task for all partitions; an idle partition costs none.
 */
export class Housekeeping {
  private readonly timers = new Set<TimerEntry>()
  private stopped = false

  constructor(
    private readonly kept: Kept,
    private readonly services: PartitionServices,
    private readonly options: LogManagerOptions,
  ) {}

  start(): void {
    const { options } = this
    const each = (work: (directory: LogDirectory) => Promise<boolean>) => () => {
      for (const directory of this.kept.directories) void work(directory)
    }
    this.every(
      options.highWatermarkCheckpointIntervalMs,
      each((directory) => directory.writeHighWatermarks()),
    )
    this.every(
      options.recoveryPointCheckpointIntervalMs,
      each((directory) => directory.writeRecoveryPoints()),
    )
    this.every(
      options.logStartCheckpointIntervalMs,
      each((directory) => directory.writeLogStarts()),
    )
    this.every(options.producerIdExpirationCheckIntervalMs, () => this.expireProducers())
    this.every(options.highWatermarkCheckpointIntervalMs, () => this.flushAged())
    this.every(options.recoveryPointCheckpointIntervalMs, () => void this.writeEpochs())
    this.every(options.retentionCheckIntervalMs, () => this.sweep([...this.kept.partitions()]))
  }

  stop(): void {
    this.stopped = true
    for (const timer of this.timers) this.services.timers.cancel(timer)
    this.timers.clear()
  }

  expireProducers(): void {
    const expirationMs = this.options.producerIdExpirationMs
    for (const { producers, logEndOffset } of this.kept.partitions()) {
      if (producers.size > 0) producers.expire({ expirationMs, writtenEnd: logEndOffset })
    }
  }

  /** Applies retention to a slice of the list, then lets others run before the rest. */
  private sweep(partitions: Partition[]): void {
    for (const partition of partitions.splice(0, SWEEP_PARTITIONS_MAX)) void this.retain(partition)
    if (partitions.length > 0) this.after(SWEEP_PAUSE_MS, () => this.sweep(partitions))
  }

  private async retain(partition: Partition): Promise<void> {
    const { engine, clock, logger } = this.services
    const { config, highWatermark, logStartOffset } = partition
    if (!partition.writable || highWatermark === logStartOffset) return
    if (config.retentionMs < 0 && config.retentionBytes < 0) return
    try {
      const segments = engine.segments(partition.log)
      const start = retentionStart(segments, { config, highWatermark, nowMs: clock.nowMs() })
      if (start <= logStartOffset) return
      if (start > (segments.at(-1)?.baseOffset ?? 0)) await engine.roll(partition.log)
      await partition.deleteRecordsBefore(start)
      logger.info('old records were deleted by retention', {
        partition: partition.name,
        logStartOffset: start,
      })
    } catch (error) {
      logger.error('retention failed, it is tried again later', {
        partition: partition.name,
        error: String(error),
      })
    }
  }

  private flushAged(): void {
    const nowMs = this.services.clock.nowMs()
    for (const partition of this.kept.partitions()) {
      const { config, lastFlushMs, recoveryPoint, logEndOffset } = partition
      if (nowMs - lastFlushMs < config.flushMs || recoveryPoint >= logEndOffset) continue
      void flushPartition(partition, logEndOffset)
    }
  }

  private async writeEpochs(): Promise<void> {
    try {
      await forEachConcurrently(this.kept.partitions(), CHECKPOINTS_MAX, writeEpochs)
    } catch (error) {
      this.services.logger.error('a leader epoch checkpoint was not written', { error: String(error) })
    }
  }

  private every(intervalMs: number, work: () => void): void {
    const timer: TimerEntry = new CallbackTimer(() => {
      if (this.stopped) return
      this.services.timers.schedule(timer, intervalMs)
      work()
    })
    this.timers.add(timer)
    this.services.timers.schedule(timer, intervalMs)
  }

  private after(delayMs: number, work: () => void): void {
    const timer: TimerEntry = new CallbackTimer(() => {
      this.timers.delete(timer)
      if (!this.stopped) work()
    })
    this.timers.add(timer)
    this.services.timers.schedule(timer, delayMs)
  }
}
