import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { RateLimited } from '../../src/base/rate-limited.js'

test('a burst passes, the rest is counted and told by the next line', () => {
  const clock = new FakeClock()
  const limited = new RateLimited({ clock, burst: 2, intervalMs: 1_000 })
  const written: number[] = []
  const call = () => limited.run((suppressed) => written.push(suppressed))
  assert.deepEqual([call(), call(), call(), call()], [true, true, false, false])
  clock.advance(999)
  assert.equal(call(), false)
  clock.advance(1)
  assert.equal(call(), true)
  assert.equal(call(), true)
  assert.equal(call(), false)
  assert.deepEqual(written, [0, 0, 3, 0])
})
