import { TimerEntry, type TimingWheel } from '../base/timing-wheel.js'
import { ErrorCode } from '../protocol/errors.js'
import type { ByteCounter, FetchPartition } from './fetch-partition.js'

/**
 * A fetch that waits for bytes. It counts what its partitions gain and completes exactly once: by enough bytes, by
 * its deadline, or not at all when it was cancelled because nobody reads the answer. It then hangs nowhere.
 */
export class FetchWaiter extends TimerEntry implements ByteCounter {
  private missing: number
  private done = false
  private readonly partitions: FetchPartition[] = []

  constructor(
    private readonly timers: TimingWheel,
    wanted: Iterable<FetchPartition>,
    private readonly complete: () => void,
    private readonly wait: {
      readonly bytesMissing: number
      readonly waitMs: number
      readonly isolation: number
    },
  ) {
    super()
    this.missing = wait.bytesMissing
    for (const partition of wanted) this.watch(partition)
    timers.schedule(this, wait.waitMs)
  }

  gained(bytes: number): void {
    this.missing -= bytes
    if (this.missing <= 0) this.finish()
  }

  override expire(): void {
    this.finish()
  }

  cancel(): void {
    if (this.done) return
    this.done = true
    this.timers.cancel(this)
    for (const partition of this.partitions) {
      if (partition.counter !== this) continue
      partition.counter = null
      partition.unlink()
    }
  }

  private watch(partition: FetchPartition): void {
    const { source, result } = partition
    if (source === undefined || result.errorCode !== ErrorCode.NONE) return
    partition.counter = this
    this.partitions.push(partition)
    source.onAdvance(partition, this.wait.isolation)
  }

  private finish(): void {
    if (this.done) return
    this.cancel()
    this.complete()
  }
}
