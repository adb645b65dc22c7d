import type { Logger } from '../base/logger.js'
import { CallbackTimer, type TimingWheel } from '../base/timing-wheel.js'
import { ErrorCode } from '../protocol/errors.js'
import { MARKER_RETRY_MAX_MS, MARKER_RETRY_MIN_MS } from './limits.js'

export interface TransactionMarker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly commit: boolean
  readonly transactionVersion: number
}

/** A partition as the writer of markers sees it. `Partition` offers the same. */
export interface MarkerTarget {
  appendMarker(marker: TransactionMarker): Promise<{ errorCode: number }>
}

export interface MarkerTargets {
  /** Null when it does not exist (any more), undefined while it cannot be reached. */
  find(topic: string, partition: number): MarkerTarget | null | undefined
  /** Told a moment before the marker is appended: what is under way by then comes before it, nothing after. */
  ending(place: { topic: string; partition: number }, marker: TransactionMarker): void
  /** The marker is written: whoever keeps state by it is told. */
  written(place: { topic: string; partition: number }, marker: TransactionMarker): void
}

export interface MarkerJob {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed: boolean
  readonly transactionVersion: number
  readonly partitions: ReadonlyMap<string, ReadonlySet<number>>
  /** False once the coordinator's state was given up; its successor sends the markers anew. */
  readonly wanted: () => boolean
}

/** Writes the markers of a transaction, each until it is written or its partition is gone. */
export class MarkerWriter {
  readonly #targets: MarkerTargets
  readonly #timers: TimingWheel
  readonly #logger: Logger
  #stopped = false

  constructor(options: { targets: MarkerTargets; timers: TimingWheel; logger: Logger }) {
    this.#targets = options.targets
    this.#timers = options.timers
    this.#logger = options.logger
  }

  /** Resolves to whether every marker is written; false when nobody wants them any more. */
  async write(job: MarkerJob, coordinatorEpoch: number): Promise<boolean> {
    const { producerId, producerEpoch, committed: commit, transactionVersion } = job
    const marker = { producerId, producerEpoch, coordinatorEpoch, commit, transactionVersion }
    const wanted = () => !this.#stopped && job.wanted()
    const writes: Promise<boolean>[] = []
    for (const [topic, partitions] of job.partitions) {
      for (const partition of partitions)
        writes.push(this.#untilWritten({ topic, partition }, marker, wanted))
    }
    return (await Promise.all(writes)).every((written) => written)
  }

  /** One attempt, for those who try again themselves. The error code of the partition. */
  async writeOnce(place: { topic: string; partition: number }, marker: TransactionMarker): Promise<number> {
    const target = this.#targets.find(place.topic, place.partition)
    if (target === null) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (target === undefined) return ErrorCode.NOT_LEADER_OR_FOLLOWER
    this.#targets.ending(place, marker)
    // Records that were added in this turn are handed to the log when it is over.
    await Promise.resolve()
    const { errorCode } = await target.appendMarker(marker)
    if (errorCode === ErrorCode.NONE) this.#targets.written(place, marker)
    return errorCode
  }

  stop(): void {
    this.#stopped = true
  }

  async #untilWritten(
    place: { topic: string; partition: number },
    marker: TransactionMarker,
    wanted: () => boolean,
  ): Promise<boolean> {
    for (let delayMs = MARKER_RETRY_MIN_MS; wanted(); delayMs = Math.min(2 * delayMs, MARKER_RETRY_MAX_MS)) {
      const code = await this.writeOnce(place, marker).catch((error: unknown) => {
        this.#logger.warn('a transaction marker could not be written', { ...place, error: String(error) })
        return ErrorCode.UNKNOWN_SERVER_ERROR
      })
      if (code === ErrorCode.NONE || isFinal(code)) return true
      await new Promise<void>((resolve) => this.#timers.schedule(new CallbackTimer(resolve), delayMs))
    }
    return false
  }
}

/** A partition that is gone needs no marker, one that knows a later epoch of the producer has had it. */
function isFinal(code: number): boolean {
  return code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION || code === ErrorCode.INVALID_PRODUCER_EPOCH
}
