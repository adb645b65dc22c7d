// Goal: the wheel behaves as a list sorted by (deadline, order of scheduling).
// Method: random schedules, cancels and clock steps against that list, across all levels.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FakeClock } from '../../src/base/clock.js'
import { CallbackTimer, TimingWheel } from '../../src/base/timing-wheel.js'

type Step =
  | { kind: 'schedule'; timer: number; delayMs: number }
  | { kind: 'cancel'; timer: number }
  | { kind: 'advance'; ms: number }

const TIMERS = 40
const duration = fc.oneof(
  fc.integer({ min: 0, max: 130 }),
  fc.integer({ min: 0, max: 70_000 }),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  fc.maxSafeNat(),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('schedule' as const), timer: fc.nat(TIMERS - 1), delayMs: duration }),
  fc.record({ kind: fc.constant('cancel' as const), timer: fc.nat(TIMERS - 1) }),
  fc.record({
    kind: fc.constant('advance' as const),
    ms: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 5_000_000 })),
  }),
)

class SortedList {
  #entries: { timer: number; deadline: number; order: number }[] = []
  #order = 0

  schedule(timer: number, deadline: number): void {
    this.cancel(timer)
    this.#entries.push({ timer, deadline, order: this.#order++ })
    this.#entries.sort((a, b) => a.deadline - b.deadline || a.order - b.order)
  }

  cancel(timer: number): void {
    this.#entries = this.#entries.filter((entry) => entry.timer !== timer)
  }

  advance(nowMs: number): number[] {
    const due = this.#entries.filter((entry) => entry.deadline <= nowMs)
    this.#entries = this.#entries.filter((entry) => entry.deadline > nowMs)
    return due.map((entry) => entry.timer)
  }

  get nextDeadline(): number {
    return this.#entries[0]?.deadline ?? Number.POSITIVE_INFINITY
  }

  get size(): number {
    return this.#entries.length
  }
}

test('expires as a sorted list would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const clock = new FakeClock()
      const wheel = new TimingWheel({ clock })
      const model = new SortedList()
      const fired: number[] = []
      const timers = Array.from({ length: TIMERS }, (_, index) => new CallbackTimer(() => fired.push(index)))
      for (const each of steps) {
        if (each.kind === 'schedule') {
          wheel.schedule(timers[each.timer] as CallbackTimer, each.delayMs)
          const deadline = Math.min(clock.monotonicMs() + each.delayMs, Number.MAX_SAFE_INTEGER)
          model.schedule(each.timer, deadline)
        } else if (each.kind === 'cancel') {
          wheel.cancel(timers[each.timer] as CallbackTimer)
          model.cancel(each.timer)
        } else {
          clock.advance(each.ms)
          const waitMs = wheel.advance()
          assert.deepEqual(fired.splice(0), model.advance(clock.monotonicMs()))
          assert.ok(waitMs > 0)
          assert.ok(clock.monotonicMs() + waitMs <= model.nextDeadline)
          assert.equal(waitMs === Number.POSITIVE_INFINITY, model.nextDeadline === Number.POSITIVE_INFINITY)
        }
        assert.equal(wheel.size, model.size)
      }
    }),
    { numRuns: 300 },
  )
})

test('following the returned waits reaches every deadline exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3_000_000), { minLength: 1, maxLength: 30 }), (delays) => {
      const clock = new FakeClock()
      const wheel = new TimingWheel({ clock })
      const fired: [number, number][] = []
      for (const delayMs of delays) {
        wheel.schedule(new CallbackTimer(() => fired.push([delayMs, clock.monotonicMs()])), delayMs)
      }
      let turns = 0
      for (let waitMs = wheel.advance(); waitMs !== Number.POSITIVE_INFINITY; waitMs = wheel.advance()) {
        clock.advance(waitMs)
        turns++
      }
      assert.deepEqual(
        fired,
        delays.toSorted((a, b) => a - b).map((delayMs) => [delayMs, delayMs]),
      )
      assert.ok(turns <= delays.length * 5)
    }),
  )
})

test('an entry scheduled while advancing waits for the next advance', () => {
  const clock = new FakeClock()
  const wheel = new TimingWheel({ clock })
  let runs = 0
  const again = new CallbackTimer(() => {
    runs++
    wheel.schedule(again, 0)
  })
  wheel.schedule(again, 0)
  clock.advance(10)
  assert.equal(wheel.advance(), 1)
  assert.equal(runs, 1)
  clock.advance(1)
  wheel.advance()
  assert.equal(runs, 2)
})

test('an expiring entry can cancel one that is due in the same tick', () => {
  const clock = new FakeClock()
  const wheel = new TimingWheel({ clock })
  const victim = new CallbackTimer(() => assert.fail('cancelled timers do not run'))
  wheel.schedule(new CallbackTimer(() => wheel.cancel(victim)), 5)
  wheel.schedule(victim, 5)
  clock.advance(5)
  assert.equal(wheel.advance(), Number.POSITIVE_INFINITY)
  assert.equal(victim.scheduled, false)
  assert.equal(wheel.size, 0)
})

test('a throwing entry leaves the others of its tick for the next advance', () => {
  const clock = new FakeClock()
  const wheel = new TimingWheel({ clock })
  let ran = false
  wheel.schedule(
    new CallbackTimer(() => {
      throw new Error('ours')
    }),
    1,
  )
  wheel.schedule(
    new CallbackTimer(() => {
      ran = true
    }),
    1,
  )
  clock.advance(1)
  assert.throws(() => wheel.advance(), /ours/)
  assert.equal(ran, false)
  wheel.advance()
  assert.equal(ran, true)
})

test('tells about an entry that is due earlier than promised, once', () => {
  const clock = new FakeClock()
  const wheel = new TimingWheel({ clock })
  const told: number[] = []
  wheel.onEarlier = (delayMs) => told.push(delayMs)
  wheel.schedule(new CallbackTimer(() => {}), 50)
  wheel.schedule(new CallbackTimer(() => {}), 60)
  wheel.schedule(new CallbackTimer(() => {}), 20)
  assert.deepEqual(told, [50, 20])
  clock.advance(20)
  assert.equal(wheel.advance(), 30)
  wheel.schedule(new CallbackTimer(() => {}), 30)
  wheel.schedule(new CallbackTimer(() => {}), 29)
  assert.deepEqual(told, [50, 20, 29])
})

test('fractions of a millisecond never make a timer early', () => {
  let nowMs = 0.75
  const wheel = new TimingWheel({ clock: { monotonicMs: () => nowMs } })
  let runs = 0
  wheel.schedule(new CallbackTimer(() => runs++), 1)
  nowMs = 1.74
  assert.equal(Math.round(wheel.advance() * 100), 26)
  assert.equal(runs, 0)
  nowMs = 2
  wheel.advance()
  assert.equal(runs, 1)
})
