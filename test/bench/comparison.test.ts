import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, ratioOf } from '../../bench/compare/comparison.js'
import type { ScenarioResults } from '../../bench/compare/results.js'

const results: ScenarioResults = {
  scale: 1,
  rounds: {
    millrace: [{ MBps: 400 }, { MBps: 600 }, { MBps: 500 }],
    kafka: [{ MBps: 100 }, { MBps: 100 }, { MBps: 400 }],
    ideal: [{ MBps: 1_000 }],
  },
  systemCalls: { millrace: { systemCallsPerRequest: 2 }, kafka: { systemCallsPerRequest: 8 } },
}

test('the subject is compared with every peer by medians, with the spread of single rounds', () => {
  const rows = compare('produce', results, 'millrace').filter(({ figure }) => figure === 'MBps')
  assert.deepEqual(
    rows.map(({ peerName, ratio }) => [peerName, ratio]),
    [
      ['kafka', { median: 5, min: 1.25, max: 6, runs: 3 }],
      ['ideal', { median: 0.5, min: 0.4, max: 0.4, runs: 1 }],
    ],
  )
  assert.deepEqual(rows[0]?.subject, { median: 500, min: 400, max: 600, runs: 3 })
  assert.deepEqual(rows[0]?.peer, { median: 100, min: 100, max: 400, runs: 3 })
})

test('figures counted in a run of their own are compared like the others', () => {
  const row = compare('produce', results, 'millrace').find(({ figure }) => figure === 'systemCallsPerRequest')
  assert.equal(row?.ratio.median, 0.25)
})

test('a figure that only one of the two has is not compared', () => {
  const lone = { scale: 1, rounds: { millrace: [{ inside: 1 }], kafka: [{ other: 2 }] }, systemCalls: {} }
  assert.deepEqual(compare('busy', lone, 'millrace'), [])
})

test('a figure that a round lacks is an error, not a hole in the median', () => {
  const torn = { scale: 1, rounds: { millrace: [{ MBps: 1 }, {}], kafka: [{ MBps: 1 }] }, systemCalls: {} }
  assert.throws(() => compare('produce', torn, 'millrace'), /no figure MBps/)
})

test('a ratio of more rounds than the peer has takes those that both have', () => {
  assert.deepEqual(ratioOf([2, 4, 6], [1, 2]), { median: 4 / 1.5, min: 2, max: 2, runs: 2 })
})
