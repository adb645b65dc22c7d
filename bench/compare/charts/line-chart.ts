// Lines over named columns, values on a logarithmic scale, the spread of the rounds as a band around each.

import type { Summary } from '../statistics.js'
import { circle, FAINT, GRID, HEAD, line, type Point, page, polygon, polyline, text } from './svg.js'

const WIDTH = 860
const HEIGHT = 320
const LEFT = 84
const RIGHT = 190
const LABEL_HEIGHT = 15

export interface Series {
  readonly name: string
  readonly color: string
  readonly dash?: string
  /** By column; a column that is not measured is left out. */
  readonly points: ReadonlyMap<string, Summary>
}

export interface LineChart {
  readonly title: string
  readonly subtitle?: string
  readonly columns: readonly string[]
  readonly series: readonly Series[]
  readonly unit: (value: number) => string
}

export function lineChart({ title, subtitle = '', columns, series, unit }: LineChart): string {
  const scale = scaleOf(series.flatMap(({ points }) => [...points.values()]))
  const y = (value: number) => HEAD + HEIGHT - scale.share(value) * HEIGHT
  const x = (column: string) =>
    LEFT + 24 + (columns.indexOf(column) * (WIDTH - LEFT - RIGHT - 48)) / Math.max(1, columns.length - 1)
  const grid = scale.ticks.flatMap(({ value, labelled }) => [
    line([LEFT, y(value)], [WIDTH - RIGHT, y(value)], { color: labelled ? GRID : '#f3f4f6' }),
    ...(labelled
      ? [text(LEFT - 8, y(value) + 4, unit(value), { anchor: 'end', color: FAINT, size: 11 })]
      : []),
  ])
  const names = columns.map((column) => text(x(column), HEAD + HEIGHT + 20, column, { anchor: 'middle' }))
  const bands = series.map(({ points, color }) => bandOf([...points], { x, y, color }))
  const lines = series.flatMap(({ points, color, dash = '' }) => {
    const path = [...points].map(([column, { median }]): Point => [x(column), y(median)])
    return [polyline(path, { color, dash }), ...path.map((point) => circle(point, 3, color))]
  })
  const parts = [...grid, ...names, ...bands, ...lines, ...labelsOf(series, { y, unit })]
  return page({ width: WIDTH, height: HEAD + HEIGHT + 36, title, subtitle }, parts)
}

interface Drawing {
  readonly x: (column: string) => number
  readonly y: (value: number) => number
  readonly color: string
}

function bandOf(points: readonly (readonly [string, Summary])[], { x, y, color }: Drawing): string {
  const upper = points.map(([column, { max }]): Point => [x(column), y(max)])
  const lower = points.map(([column, { min }]): Point => [x(column), y(min)])
  return polygon([...upper, ...lower.reverse()], color, 0.12)
}

/** At the end of each line, moved apart where they would cover each other. */
function labelsOf(
  series: readonly Series[],
  { y, unit }: Pick<Drawing, 'y'> & Pick<LineChart, 'unit'>,
): string[] {
  const ends = series.flatMap(({ name, color, points }) => {
    const last = [...points.values()].at(-1)
    return last === undefined ? [] : [{ at: y(last.median), color, label: `${name} ${unit(last.median)}` }]
  })
  let free = Number.NEGATIVE_INFINITY
  return ends
    .sort((a, b) => a.at - b.at)
    .map(({ at, color, label }) => {
      free = Math.max(at, free + LABEL_HEIGHT)
      return text(WIDTH - RIGHT + 10, free + 4, label, { color, bold: true })
    })
}

/** 1, 2 and 5 of every decade that is needed. */
function scaleOf(summaries: readonly Summary[]) {
  const values = summaries.flatMap(({ min, max }) => [min, max]).filter((value) => value > 0)
  const steps = [1, 2, 5]
  const ladder = Array.from({ length: 36 }, (_, index) => ({
    value: (steps[index % 3] as number) * 10 ** (Math.floor(index / 3) - 3),
    labelled: true,
  }))
  const least = Math.min(...values, 1e6)
  const most = Math.max(...values, 1e-3)
  const first = Math.max(
    0,
    ladder.findLastIndex(({ value }) => value <= least),
  )
  const last = Math.max(
    first + 1,
    ladder.findIndex(({ value }) => value >= most),
  )
  const range = ladder.slice(first, last + 1)
  // With many decades only whole ones are labelled.
  const ticks = range.map(({ value }, index) => ({
    value,
    labelled: range.length <= 9 || (first + index) % 3 === 0,
  }))
  const [low, high] = [(range[0] as { value: number }).value, (range.at(-1) as { value: number }).value]
  const share = (value: number) => Math.log(Math.max(value, low) / low) / Math.log(high / low)
  return { ticks, share }
}
