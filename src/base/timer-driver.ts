// Drives a timing wheel with one Node timer. Broker code never sees it; tests advance the wheel by hand instead.

import type { TimingWheel } from './timing-wheel.js'

/** Node runs longer timeouts at once, so the driver wakes up in between. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

export class TimerDriver {
  readonly #wheel: TimingWheel
  readonly #keepAlive: boolean
  #timer: NodeJS.Timeout | undefined
  #running = false

  /** With `keepAlive: false` waiting timers do not keep the process from ending. */
  constructor({ wheel, keepAlive = true }: { wheel: TimingWheel; keepAlive?: boolean }) {
    this.#wheel = wheel
    this.#keepAlive = keepAlive
  }

  start(): void {
    this.#running = true
    this.#wheel.onEarlier = (delayMs) => this.#arm(delayMs)
    this.#turn()
  }

  stop(): void {
    this.#running = false
    this.#wheel.onEarlier = () => {}
    clearTimeout(this.#timer)
  }

  readonly #turn = (): void => {
    if (!this.#running) return
    this.#arm(this.#wheel.advance())
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer)
    if (!this.#running || delayMs === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(this.#turn, Math.min(Math.ceil(delayMs), TIMEOUT_MS_MAX))
    if (!this.#keepAlive) this.#timer.unref()
  }
}
