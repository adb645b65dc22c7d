import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { latencyChart, ratioChart, writeCharts } from '../../bench/compare/chart.js'
import { compare } from '../../bench/compare/report.js'

const numbers = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map((match) => Number(match[1]))

test('twice and half are bars of the same length on both sides of one line', () => {
  const svg = ratioChart('a / b', [
    { label: 'twice', ratio: 2 },
    { label: 'half', ratio: 0.5 },
  ])
  const [twice, half] = numbers(svg, /<rect x="([\d.]+)" y/g)
  const lengths = numbers(svg, /<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"/g)
  assert.equal(lengths[0], lengths[1])
  assert.equal(twice, (half as number) + (lengths[1] as number))
})

test('text of a label cannot become markup', () => {
  const svg = ratioChart('<a & b>', [])
  assert.ok(svg.includes('&lt;a &amp; b>'))
})

test('ten times the latency is one decade higher', () => {
  const svg = latencyChart('t', [
    {
      name: 'a',
      points: [
        ['p50', 10],
        ['p99', 100],
        ['max', 1_000],
      ],
    },
  ])
  const points = /polyline points="([^"]+)"/.exec(svg)?.[1]?.split(' ') ?? []
  const [first = 0, second = 0, third = 0] = points.map((point) => Number(point.split(',')[1]))
  assert.equal(first - second, second - third)
  assert.ok(first > second)
})

test('one file of ratios per peer and one of latencies per scenario that has them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-charts-'))
  try {
    const figures = { MBps: 10, p50Us: 5, p99Us: 50, maxUs: 500 }
    const rows = [
      ...compare('produce', { millrace: [figures], kafka: [figures], ideal: [figures] }, 'millrace'),
      ...compare('start', { millrace: [{ readyMs: 5 }], kafka: [{ readyMs: 50 }] }, 'millrace'),
    ]
    writeCharts(directory, rows)
    assert.deepEqual(readdirSync(directory).sort(), [
      'latency-produce.svg',
      'ratios-ideal.svg',
      'ratios-kafka.svg',
    ])
    const lines = readFileSync(join(directory, 'latency-produce.svg'), 'utf8').match(/<polyline/g)
    assert.equal(lines?.length, 3)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
