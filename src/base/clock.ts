// Time, as the broker sees it. Only this file reads the system's clocks; everyone else is handed a `Clock`.

export interface Clock {
  /** Wall clock, milliseconds since the epoch, whole. May jump in either direction. */
  nowMs(): number
  /** Never goes backwards, fractional, starts anywhere. For durations and deadlines. */
  monotonicMs(): number
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** A clock that moves only when a test says so. Both readings advance together. */
export class FakeClock implements Clock {
  #nowMs: number
  #monotonicMs = 0

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`A clock cannot advance by ${ms} ms.`)
    this.#nowMs += ms
    this.#monotonicMs += ms
  }

  /** Steps the wall clock alone, as an operator or a time server may do. */
  setNowMs(nowMs: number): void {
    this.#nowMs = nowMs
  }
}
