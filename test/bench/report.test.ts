import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOf } from '../../bench/compare/native-scenarios.js'
import { compare, table } from '../../bench/compare/report.js'

const rounds = {
  millrace: [{ MBps: 400 }, { MBps: 600 }, { MBps: 500 }],
  kafka: [{ MBps: 90 }, { MBps: 100 }, { MBps: 400 }],
  ideal: [{ MBps: 1_000 }],
}

test('the subject is compared with every peer by medians', () => {
  const rows = compare('produce', rounds, 'millrace')
  assert.deepEqual(
    rows.map(({ peerName, figure, ratio }) => [peerName, figure, ratio]),
    [
      ['kafka', 'MBps', 5],
      ['ideal', 'MBps', 0.5],
    ],
  )
  assert.deepEqual(rows[0]?.subject, { median: 500, min: 400, max: 600, runs: 3 })
  assert.deepEqual(rows[0]?.peer, { median: 100, min: 90, max: 400, runs: 3 })
})

test('a figure that a peer lacks is an error, not a hole in the table', () => {
  assert.throws(
    () => compare('produce', { millrace: [{ MBps: 1 }], kafka: [{}] }, 'millrace'),
    /no figure MBps/,
  )
})

test('the table lines up and shows medians, spread and ratio with three digits', () => {
  const lines = table(compare('produce', rounds, 'millrace')).split('\n')
  assert.deepEqual(lines.length, 4)
  assert.match(lines[2] ?? '', /^produce +MBps +millrace +500 \[400-600\] +kafka +100 \[90-400\] +5$/)
  const column = lines[0]?.indexOf('peer')
  assert.deepEqual(
    lines.slice(2).map((line) => line.slice(column, (column ?? 0) + 5)),
    ['kafka', 'ideal'],
  )
})

test('figures of a load are divided by its whole work, not by its measured part', () => {
  const outcome = {
    seconds: 2,
    requestsPerSecond: 500,
    recordsPerSecond: 5_000,
    MBps: 50,
    totalRequests: 2_000,
    totalRecords: 20_000,
    totalBytes: 200_000_000,
    errors: 0,
    clientCpuSeconds: 1,
    p50Us: 10,
    p99Us: 20,
    p999Us: 30,
    maxUs: 40,
  }
  const before = { userSeconds: 1, systemSeconds: 2, residentBytes: 1, contextSwitches: 1_000 }
  const after = { userSeconds: 1.1, systemSeconds: 2.3, residentBytes: 5e6, contextSwitches: 5_000 }
  const figures = figuresOf(outcome, before, after)
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(6))]),
  )
  assert.deepEqual(rounded, {
    MBps: 50,
    recordsPerSecond: 5_000,
    p50Us: 10,
    p99Us: 20,
    p999Us: 30,
    maxUs: 40,
    userSecondsPerGB: 0.5,
    systemSecondsPerGB: 1.5,
    cpuUsPerRequest: 200,
    rssMB: 5,
    switchesPerRequest: 2,
  })
})
