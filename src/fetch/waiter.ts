import { TimerEntry, type TimingWheel } from '../base/timing-wheel.js'
import { ErrorCode } from '../protocol/errors.js'
import type { FetchRows } from './fetch-rows.js'
import type { ByteCounter, FetchWait } from './fetch-wait.js'

/**
 * A fetch that waits for bytes. It counts what its partitions gain and completes exactly once: by enough bytes, by
 * its deadline, or not at all when it was cancelled because nobody reads the answer. It then hangs nowhere.
 */
export class FetchWaiter extends TimerEntry implements ByteCounter {
  private missing: number
  private done = false
  private readonly waits: FetchWait[] = []

  constructor(
    private readonly timers: TimingWheel,
    rows: FetchRows,
    private readonly complete: () => void,
    private readonly wait: {
      readonly bytesMissing: number
      readonly waitMs: number
      readonly isolation: number
    },
  ) {
    super()
    this.missing = wait.bytesMissing
    for (let row = rows.first; row >= 0; row = rows.next(row)) this.watch(rows, row)
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
    for (const wait of this.waits) {
      if (wait.counter !== this) continue
      wait.counter = null
      wait.unlink()
    }
  }

  private watch(rows: FetchRows, row: number): void {
    const source = rows.source(row)
    if (source === undefined || rows.errorCode(row) !== ErrorCode.NONE) return
    const wait = rows.waitOf(row)
    wait.counter = this
    this.waits.push(wait)
    source.onAdvance(wait, this.wait.isolation)
  }

  private finish(): void {
    if (this.done) return
    this.cancel()
    this.complete()
  }
}
