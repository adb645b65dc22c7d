// Goal: the driver keeps exactly one Node timer, at the promise of the wheel. Method: Node's mock timers.

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { TimerDriver } from '../../src/base/timer-driver.js'
import { CallbackTimer, TimingWheel } from '../../src/base/timing-wheel.js'

test('runs timers at their time, also those scheduled later and earlier', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const clock = new FakeClock()
  const wheel = new TimingWheel({ clock })
  const driver = new TimerDriver({ wheel })
  const fired: [string, number][] = []
  const timer = (name: string) => new CallbackTimer(() => fired.push([name, clock.monotonicMs()]))
  const pass = (ms: number) => {
    for (let tick = 0; tick < ms; tick++) {
      clock.advance(1)
      mock.timers.tick(1)
    }
  }
  driver.start()
  wheel.schedule(timer('late'), 200)
  wheel.schedule(timer('early'), 7)
  pass(10)
  wheel.schedule(timer('between'), 3)
  pass(300)
  assert.deepEqual(fired, [
    ['early', 7],
    ['between', 13],
    ['late', 200],
  ])
  wheel.schedule(timer('stopped'), 5)
  driver.stop()
  pass(10)
  assert.equal(fired.length, 3)
  mock.timers.reset()
})
