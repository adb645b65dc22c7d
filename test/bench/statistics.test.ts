import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summarize } from '../../bench/compare/statistics.js'

test('an odd number of values has its middle one as median, whatever their order', () => {
  assert.deepEqual(summarize([9, 1, 5]), { median: 5, min: 1, max: 9, runs: 3 })
})

test('an even number of values has the mean of the two middle ones', () => {
  assert.deepEqual(summarize([10, 2, 4, 8]), { median: 6, min: 2, max: 10, runs: 4 })
})

test('values are ordered as numbers, not as text, and the caller keeps its own order', () => {
  const values = [100, 20, 3]
  assert.equal(summarize(values).median, 20)
  assert.deepEqual(values, [100, 20, 3])
})

test('a summary of nothing is refused', () => {
  assert.throws(() => summarize([]), /at least one/)
})
