import { TimerEntry, type TimingWheel } from '../base/timing-wheel.js'
import type { Partition } from '../log/partition.js'
import type { AdvanceListener } from '../log/watermarks.js'

/**
 * A fetch that waits for bytes. It counts what its partitions add and completes exactly once: by enough bytes, by
 * its deadline, or not at all when it was cancelled because nobody reads the answer. It then hangs nowhere.
 */
export class FetchWaiter extends TimerEntry implements AdvanceListener {
  private missing: number
  private done = false

  constructor(
    private readonly timers: TimingWheel,
    private readonly partitions: readonly Partition[],
    private readonly complete: () => void,
    wait: { readonly bytesMissing: number; readonly waitMs: number },
  ) {
    super()
    this.missing = wait.bytesMissing
    for (const partition of partitions) partition.onAdvance(this)
    timers.schedule(this, wait.waitMs)
  }

  advanced(bytes: number): void {
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
    for (const partition of this.partitions) partition.offAdvance(this)
  }

  private finish(): void {
    if (this.done) return
    this.cancel()
    this.complete()
  }
}
