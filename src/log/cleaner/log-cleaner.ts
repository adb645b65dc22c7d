import { CallbackTimer } from '../../base/timing-wheel.js'
import * as header from '../../protocol/records/batch-header.js'
import type { Partition } from '../partition.js'
import type { PartitionServices } from '../partition-services.js'
import { type Cleanable, type CleanFacts, cleanableOf, dirtySegments } from './candidate.js'
import { cleanPartition } from './clean-partition.js'
import {
  BACKOFF_MIN_MS,
  OLDEST_SEGMENTS_MAX,
  SCAN_PARTITIONS_MAX,
  SCAN_PAUSE_MS,
  THREADS_MAX,
} from './limits.js'
import type { CleanerSettings } from './settings.js'
import { CleanerStats } from './stats.js'

interface Candidate {
  readonly partition: Partition
  readonly cleanable: Cleanable
}

/** Failures that would come again with the same bytes or settings. */
const LASTING_FAILURES: ReadonlySet<string> = new Set(['EILSEQ', 'ENOTSUP', 'ENOBUFS', 'EFBIG', 'EOVERFLOW'])

/**
 * Compaction by the clock: looks at every compacted log, cleans those that are due, the dirtiest first and as many
 * at once as there are threads, until none is due, then waits for `log.cleaner.backoff.ms`. A log that cannot be
 * cleaned is left alone until the next start; one that failed for another reason is tried again after the pause.
 */
export class LogCleaner {
  readonly stats = new CleanerStats()
  private readonly uncleanable = new WeakSet<Partition>()
  uncleanableCount = 0
  private readonly timer = new CallbackTimer(() => void this.pass())
  private readonly running = new Map<Partition, Promise<void>>()
  private stopped = false
  private unwatch = () => {}

  constructor(
    private readonly partitions: () => Iterable<Partition>,
    private readonly services: PartitionServices,
    private readonly settings: CleanerSettings,
    /** A round of this partition ended. */
    private readonly checkpoint: (partition: Partition) => void,
  ) {}

  start(): void {
    if (!this.settings.enabled) return
    // A pause under way has the old length, which may be hours.
    this.unwatch = this.settings.watchBackoff(() => {
      if (this.timer.scheduled) this.pause()
    })
    this.pause()
  }

  /** Rounds under way end with their logs. */
  stop(): void {
    this.stopped = true
    this.unwatch()
    this.services.timers.cancel(this.timer)
  }

  /** No round is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.running.values())
  }

  /** No round of this partition is under way. */
  async uncleaned(partition: Partition): Promise<void> {
    await this.running.get(partition)
  }

  private pause(): void {
    if (this.stopped) return
    this.services.timers.schedule(this.timer, Math.max(this.settings.backoffMs, BACKOFF_MIN_MS))
  }

  /** Cleans what is due. Tests call it instead of waiting for the timer. */
  async pass(): Promise<void> {
    try {
      const failed = new Set<Partition>()
      while (!this.stopped && this.settings.threads > 0) {
        const due = await this.due(failed)
        if (due.length === 0) break
        const workers = Math.min(this.settings.threads, THREADS_MAX, due.length)
        await Promise.all(Array.from({ length: workers }, () => this.work(due, failed)))
      }
    } catch (error) {
      this.services.logger.error('looking for logs to compact failed', { error: String(error) })
    }
    this.pause()
  }

  private async work(due: Candidate[], failed: Set<Partition>): Promise<void> {
    for (let next = due.shift(); next !== undefined && !this.stopped; next = due.shift()) {
      const round = this.clean(next, failed)
      this.running.set(next.partition, round)
      await round
      this.running.delete(next.partition)
    }
  }

  private async clean({ partition, cleanable }: Candidate, failed: Set<Partition>): Promise<void> {
    const { logger } = this.services
    const { name } = partition
    if (!partition.writable || partition.moving) return
    this.stats.running++
    partition.beginCleaning()
    try {
      const result = await cleanPartition(partition, cleanable, this.settings)
      this.stats.finished(result)
      if (partition.status === 'closed') return
      if (result.failure === null) {
        this.checkpoint(partition)
        const { endOffset, bytesBefore, bytesWritten, recordsRead, recordsKept } = result
        const fields = {
          cleanOffset: endOffset,
          bytesBefore,
          bytesAfter: bytesWritten,
          recordsRead,
          recordsKept,
        }
        logger.info('a log was compacted', { partition: name, ...fields })
        return
      }
      failed.add(partition)
      this.failed(partition, result.failure)
    } catch (error) {
      failed.add(partition)
      if (partition.status === 'closed') return
      logger.error('compaction failed, it is tried again later', { partition: name, error: String(error) })
    } finally {
      this.stats.running--
      await this.ended(partition)
    }
  }

  private async ended(partition: Partition): Promise<void> {
    try {
      await partition.endCleaning()
    } catch (error) {
      const fields = { partition: partition.name, error: String(error) }
      this.services.logger.error(
        'segments below the log start were not removed, the next ones take them along',
        fields,
      )
    }
  }

  private failed(partition: Partition, failure: { operation: string; code: string; path: string }): void {
    const { logger } = this.services
    const fields = { partition: partition.name, ...failure }
    // It was closed or cut off at its end in between.
    if (failure.code === 'ECANCELED') return
    if (!LASTING_FAILURES.has(failure.code)) {
      logger.error('compaction failed, it is tried again later', fields)
      return
    }
    this.uncleanable.add(partition)
    this.uncleanableCount++
    logger.error('a log cannot be compacted and is left as it is until the next start', fields)
  }

  /** Logs that are to be cleaned now, the dirtiest first. */
  private async due(failed: ReadonlySet<Partition>): Promise<Candidate[]> {
    const candidates: Candidate[] = []
    let looked = 0
    let dirtyRatioMax = 0
    for (const partition of [...this.partitions()]) {
      if (!partition.config.cleanupPolicy.has('compact') || !partition.writable || partition.moving) continue
      if (failed.has(partition) || this.uncleanable.has(partition)) continue
      if (++looked % SCAN_PARTITIONS_MAX === 0) await this.breath()
      if (this.stopped) return []
      const facts = this.factsOf(partition)
      const cleanable = cleanableOf(facts)
      if (cleanable.cleanableBytes === 0) continue
      dirtyRatioMax = Math.max(dirtyRatioMax, cleanable.ratio)
      const { minCleanableDirtyRatio } = partition.config
      if (cleanable.ratio > minCleanableDirtyRatio || (await this.overdue(partition, facts))) {
        candidates.push({ partition, cleanable })
      }
    }
    this.stats.dirtyRatioMax = dirtyRatioMax
    return candidates.sort((a, b) => b.cleanable.ratio - a.cleanable.ratio)
  }

  private factsOf(partition: Partition): CleanFacts {
    const { engine, clock } = this.services
    const { cleanOffset, logStartOffset, logEndOffset, lastStableOffset, config } = partition
    const segments = engine.segments(partition.log)
    return {
      segments,
      cleanOffset,
      logStartOffset,
      logEndOffset,
      lastStableOffset,
      config,
      nowMs: clock.nowMs(),
    }
  }

  /** `max.compaction.lag.ms` has passed since the first record of a dirty segment. */
  private async overdue({ log, config, name }: Partition, facts: CleanFacts): Promise<boolean> {
    if (config.maxCompactionLagMs >= Number.MAX_SAFE_INTEGER) return false
    const { engine, logger } = this.services
    try {
      for (const baseOffset of dirtySegments(facts).slice(0, OLDEST_SEGMENTS_MAX)) {
        const headers = await engine.readHeaders(log, Math.max(baseOffset, facts.logStartOffset), 1)
        if (headers.length < header.BATCH_HEADER_SIZE) continue
        const timestamp = header.maxTimestamp(headers, 0)
        if (timestamp > 0 && timestamp < facts.nowMs - config.maxCompactionLagMs) return true
      }
    } catch (error) {
      logger.warn('the age of dirty records is unknown', { partition: name, error: String(error) })
    }
    return false
  }

  private breath(): Promise<void> {
    const { timers } = this.services
    return new Promise((resolve) => timers.schedule(new CallbackTimer(resolve), SCAN_PAUSE_MS))
  }
}
