// Question: what does a waiting request pay for its deadline, when it is met early and when it passes?
// Unit: one timer. `pending` others are in the wheel all the time.

import { FakeClock } from '../../src/base/clock.js'
import { TimerEntry, TimingWheel } from '../../src/base/timing-wheel.js'
import { type MicroBench, mix } from './harness.js'

class Counting extends TimerEntry {
  static expired = 0

  override expire(): void {
    Counting.expired++
  }
}

export const timingWheel: MicroBench = {
  name: 'timing-wheel',
  question: 'What does a deadline cost?',
  unit: 'timer',
  parameters: {
    timers: { small: 10, real: 10_000 },
    pending: { small: 10, real: 100_000 },
  },
  open({ timers = 0, pending = 0 }) {
    const clock = new FakeClock()
    const wheel = new TimingWheel({ clock })
    const entries = Array.from({ length: timers }, () => new Counting())
    for (let i = 0; i < pending; i++) wheel.schedule(new Counting(), 1e12 + i)
    // Delays of a long poll, spread so that they fall into several levels.
    const delayOf = (index: number) => 1 + ((index * 7919) % 500)
    return {
      subjects: [
        {
          name: 'schedule and cancel',
          operations: timers,
          run() {
            for (const [index, entry] of entries.entries()) wheel.schedule(entry, delayOf(index))
            let hash = wheel.size
            for (const entry of entries) {
              wheel.cancel(entry)
              hash = mix(hash, entry.scheduled ? 1 : 0)
            }
            return mix(hash, wheel.size)
          },
        },
        {
          name: 'schedule and expire',
          operations: timers,
          run() {
            Counting.expired = 0
            for (const [index, entry] of entries.entries()) wheel.schedule(entry, delayOf(index))
            for (let ms = 0; ms < 520; ms += 4) {
              clock.advance(4)
              wheel.advance()
            }
            return mix(Counting.expired, wheel.size)
          },
        },
      ],
    }
  },
}
