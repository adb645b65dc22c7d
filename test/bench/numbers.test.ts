import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbersOf, TARGETS, type Target, verdictOf } from '../../bench/compare/numbers.js'
import type { Results } from '../../bench/compare/results.js'
import { SCENARIOS } from '../../bench/compare/scenarios/all.js'

const target = (more: Partial<Target>): Target => ({
  what: 'w',
  scenario: 's',
  figure: 'f',
  against: 'kafka',
  ...more,
})
const results: Results = {
  s: {
    scale: 1,
    rounds: { millrace: [{ f: 30 }, { f: 10 }], kafka: [{ f: 10 }, { f: 10 }] },
    systemCalls: {},
  },
}

test('a ratio is judged by its median, and said to be close when rounds disagree', () => {
  const [row] = numbersOf(results, 'millrace', [target({ atLeast: 1.5 })])
  assert.deepEqual([row?.verdict, row?.close, row?.judged?.median], ['reached', true, 2])
  const [missed] = numbersOf(results, 'millrace', [target({ atLeast: 4 })])
  assert.deepEqual([missed?.verdict, missed?.close], ['missed', false])
})

test('what stands for itself is judged without the peer, whose own is stated', () => {
  const [row] = numbersOf(results, 'millrace', [target({ against: 'itself', atMost: 25 })])
  assert.deepEqual([row?.verdict, row?.judged?.median, row?.peer?.median], ['reached', 20, 10])
})

test('a number without bounds is reported, one without figures is not measured', () => {
  const rows = numbersOf(results, 'millrace', [
    target({ against: 'itself' }),
    target({ against: 'ideal', atLeast: 1 }),
    target({ scenario: 'none', atLeast: 1 }),
  ])
  assert.deepEqual(
    rows.map(({ verdict }) => verdict),
    ['reported', 'not measured', 'not measured'],
  )
})

test('bounds are part of what reaches them', () => {
  const at = (median: number) => ({ median, min: median, max: median, runs: 1 })
  assert.equal(verdictOf(target({ atLeast: 2 }), at(2)).verdict, 'reached')
  assert.equal(verdictOf(target({ atMost: 2 }), at(2)).verdict, 'reached')
  assert.equal(verdictOf(target({ atMost: 2 }), at(2.1)).verdict, 'missed')
})

test('every number names a scenario there is, and is judged one way', () => {
  for (const { scenario, atLeast, atMost } of TARGETS) {
    assert.ok(
      SCENARIOS.some(({ name }) => name === scenario),
      scenario,
    )
    assert.ok(atLeast === undefined || atMost === undefined)
  }
  assert.equal(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length)
})
