// Charts of a comparison as SVG text: no library, no script, readable in a page of documentation.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Comparison } from './report.js'

const WIDTH = 760
const LABEL_WIDTH = 330
const ROW_HEIGHT = 22
const TOP = 46
const COLORS = ['#1b6ca8', '#c8553d', '#6a994e', '#8f6bb0']

/** `ratios-PEER.svg` for each peer and `latency-SCENARIO.svg` for each scenario with percentiles. */
export function writeCharts(directory: string, comparisons: readonly Comparison[]): void {
  mkdirSync(directory, { recursive: true })
  for (const peer of new Set(comparisons.map(({ peerName }) => peerName))) {
    const rows = comparisons
      .filter(({ peerName, ratio }) => peerName === peer && ratio > 0 && Number.isFinite(ratio))
      .map(({ scenario, figure, ratio }) => ({ label: `${scenario} ${figure}`, ratio }))
    const subject = comparisons[0]?.subjectName ?? ''
    writeFileSync(join(directory, `ratios-${peer}.svg`), ratioChart(`${subject} / ${peer}`, rows))
  }
  for (const scenario of new Set(comparisons.map((row) => row.scenario))) {
    const series = latencySeries(comparisons.filter((row) => row.scenario === scenario))
    if (series.length === 0) continue
    writeFileSync(join(directory, `latency-${scenario}.svg`), latencyChart(`${scenario}, latency`, series))
  }
}

export interface RatioRow {
  readonly label: string
  readonly ratio: number
}

/** Bars from the line of equality, on a logarithmic scale: twice and half look alike. */
export function ratioChart(title: string, rows: readonly RatioRow[]): string {
  const reach = Math.max(1, ...rows.map(({ ratio }) => Math.abs(Math.log2(ratio))))
  const half = (WIDTH - LABEL_WIDTH - 70) / 2
  const middle = LABEL_WIDTH + half
  const bars = rows.map(({ label, ratio }, index) => {
    const y = TOP + index * ROW_HEIGHT
    const length = (Math.abs(Math.log2(ratio)) / reach) * half
    const x = ratio < 1 ? middle - length : middle
    return [
      text(LABEL_WIDTH - 8, y + 13, label, 'end'),
      `<rect x="${fixed(x)}" y="${y}" width="${fixed(length)}" height="${ROW_HEIGHT - 6}" fill="${COLORS[0]}"/>`,
      text(ratio < 1 ? middle + 6 : middle + length + 6, y + 13, short(ratio), 'start'),
    ].join('')
  })
  const bottom = TOP + rows.length * ROW_HEIGHT
  return svg(bottom + 10, [text(10, 20, title, 'start', 15), ...bars, line(middle, TOP - 8, middle, bottom)])
}

export interface LatencySeries {
  readonly name: string
  /** Percentile label to microseconds, in ascending order of percentile. */
  readonly points: readonly (readonly [string, number])[]
}

/** One line per peer over the percentiles, microseconds on a logarithmic scale. */
export function latencyChart(title: string, series: readonly LatencySeries[]): string {
  const height = 260
  const values = series.flatMap(({ points }) => points.map(([, us]) => Math.max(1, us)))
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  const y = (us: number) => TOP + height - ((Math.log10(Math.max(1, us)) - low) / (high - low)) * height
  const columns = series[0]?.points ?? []
  const x = (index: number) => 100 + (index * (WIDTH - 260)) / Math.max(1, columns.length - 1)
  const parts = [text(10, 20, title, 'start', 15)]
  for (let power = low; power <= high; power++) {
    parts.push(line(90, y(10 ** power), WIDTH - 150, y(10 ** power), '#ddd'))
    parts.push(text(84, y(10 ** power) + 4, `${10 ** power} µs`, 'end'))
  }
  for (const [index, [label]] of columns.entries())
    parts.push(text(x(index), TOP + height + 20, label, 'middle'))
  for (const [order, { name, points }] of series.entries()) {
    const color = COLORS[order % COLORS.length] as string
    const path = points.map(([, us], index) => `${fixed(x(index))},${fixed(y(us))}`).join(' ')
    parts.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`)
    const last = points.at(-1)?.[1] ?? 1
    parts.push(
      text(x(points.length - 1) + 8, y(last) + 4 + order * 2, `${name} ${short(last)}`, 'start', 11, color),
    )
  }
  return svg(TOP + height + 34, parts)
}

const PERCENTILES = [
  ['p50Us', 'p50'],
  ['p99Us', 'p99'],
  ['p999Us', 'p99.9'],
  ['maxUs', 'max'],
] as const

function latencySeries(rows: readonly Comparison[]): LatencySeries[] {
  const medians = new Map<string, Map<string, number>>()
  for (const row of rows) {
    medians.set(
      row.subjectName,
      (medians.get(row.subjectName) ?? new Map()).set(row.figure, row.subject.median),
    )
    medians.set(row.peerName, (medians.get(row.peerName) ?? new Map()).set(row.figure, row.peer.median))
  }
  return [...medians].flatMap(([name, figures]) => {
    const points = PERCENTILES.flatMap(([figure, label]) => {
      const value = figures.get(figure)
      return value === undefined ? [] : [[label, value] as const]
    })
    return points.length === 0 ? [] : [{ name, points }]
  })
}

function svg(height: number, parts: readonly string[]): string {
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif">`
  return `${open}\n<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`
}

function text(x: number, y: number, content: string, anchor: string, size = 11, color = '#222'): string {
  const place = `x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" font-size="${size}" fill="${color}"`
  return `<text ${place}>${content.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number, color = '#444'): string {
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${color}"/>`
}

const fixed = (value: number): string => String(Number(value.toFixed(1)))
const short = (value: number): string => String(Number(value.toPrecision(3)))
