import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lineChart } from '../../bench/compare/charts/line-chart.js'
import { ratioChart } from '../../bench/compare/charts/ratio-chart.js'
import { page, text } from '../../bench/compare/charts/svg.js'
import { writeCharts } from '../../bench/compare/charts.js'
import type { NumberRow } from '../../bench/compare/numbers.js'
import type { Results } from '../../bench/compare/results.js'

const at = (median: number) => ({ median, min: median, max: median, runs: 1 })
const row = (ratio: number): NumberRow => ({
  what: 'w',
  scenario: 's',
  figure: 'f',
  against: 'kafka',
  atLeast: 1,
  judged: at(ratio),
  verdict: ratio >= 1 ? 'reached' : 'missed',
  close: false,
})

test('twice and half are bars of the same length on both sides of one line', () => {
  const svg = ratioChart('a / b', [row(2), row(0.5)])
  const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="18"/g)]
  const [[twice, long], [half, short]] = bars.map((match) => [Number(match[1]), Number(match[2])]) as [
    number[],
    number[],
  ]
  assert.equal(long, short)
  assert.equal(twice, (half as number) + (short as number))
})

test('text of a label cannot become markup', () => {
  assert.ok(page({ width: 1, height: 1, title: '<a & b>' }, [text(0, 0, '<i>')]).includes('&lt;a &amp; b>'))
})

test('ten times as much is one decade higher', () => {
  const points = new Map([10, 100, 1_000].map((value) => [`p${value}`, at(value)]))
  const series = [{ name: 'a', color: '#000', points }]
  const svg = lineChart({ title: 't', columns: [...points.keys()], series, unit: String })
  const path = /polyline points="([^"]+)"/.exec(svg)?.[1]?.split(' ') ?? []
  const [first = 0, second = 0, third = 0] = path.map((point) => Number(point.split(',')[1]))
  assert.ok(Math.abs(first - second - (second - third)) < 0.2)
  assert.ok(first > second)
})

test('labels at the ends of lines that meet stand below each other', () => {
  const series = ['a', 'b', 'c'].map((name) => ({ name, color: '#000', points: new Map([['x', at(10)]]) }))
  const svg = lineChart({ title: 't', columns: ['x'], series, unit: String })
  const heights = [...svg.matchAll(/y="([\d.]+)"[^>]*>[abc] 10</g)].map((match) => Number(match[1]))
  assert.equal(heights.length, 3)
  for (const [index, y] of heights.slice(1).entries()) assert.ok(y - (heights[index] as number) >= 15)
})

test('pictures are drawn of what was measured, and of nothing else', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-charts-'))
  try {
    const figures = { MBps: 10, userSecondsPerGB: 1, systemSecondsPerGB: 1, p50Us: 5, p99Us: 50, maxUs: 500 }
    const rounds = { millrace: [figures], kafka: [figures], ideal: [figures] }
    const busy = { millrace: [{ 'calm.p50Us': 1, 'calm.p99Us': 2, 'calm.maxUs': 3, 'busy.p99Us': 9 }] }
    const results: Results = {
      'produce-16-KB': { scale: 1, rounds, systemCalls: {} },
      'produce-one-record': { scale: 1, rounds, systemCalls: {} },
      'script-busy': { scale: 1, rounds: busy, systemCalls: {} },
      'start-empty': { scale: 1, rounds: { millrace: [{ readyMs: 5 }] }, systemCalls: {} },
    }
    const named = writeCharts(directory, results, 'millrace')
    const files = [
      'cpu.svg',
      'latency-produce-one-record.svg',
      'latency-script-busy.svg',
      'numbers-ideal.svg',
      'numbers-kafka.svg',
      'throughput-by-batch-size.svg',
    ]
    assert.deepEqual(readdirSync(directory).sort(), files)
    assert.deepEqual([...named.keys()].sort(), files)
    const lines = (file: string) => readFileSync(join(directory, file), 'utf8').match(/<polyline/g)?.length
    assert.equal(lines('latency-produce-one-record.svg'), 3)
    assert.equal(lines('latency-script-busy.svg'), 2)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
