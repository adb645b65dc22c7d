// Keeps lines that a client can cause from filling a disk: a few at once, then a few per interval, with the number
// of those left out told by the next one.

import type { Clock } from './clock.js'

export class RateLimited {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #burst: number
  readonly #intervalMs: number
  #windowStartMs = Number.NEGATIVE_INFINITY
  #used = 0
  #suppressed = 0

  constructor(options: { clock: Pick<Clock, 'monotonicMs'>; burst?: number; intervalMs?: number }) {
    this.#clock = options.clock
    this.#burst = options.burst ?? 5
    this.#intervalMs = options.intervalMs ?? 10_000
  }

  /** Runs `write` with the number of calls that were left out since the last one that ran, or leaves it out. */
  run(write: (suppressed: number) => void): boolean {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#windowStartMs >= this.#intervalMs) {
      this.#windowStartMs = nowMs
      this.#used = 0
    }
    if (this.#used >= this.#burst) {
      this.#suppressed++
      return false
    }
    this.#used++
    const suppressed = this.#suppressed
    this.#suppressed = 0
    write(suppressed)
    return true
  }
}
