// What a gigabyte costs each broker in CPU seconds: user and system time, one bar per broker and load.

import { digits } from '../report.js'
import { colorOf, FAINT, GRID, HEAD, line, page, rect, text } from './svg.js'

const WIDTH = 860
const LABELS = 210
const RIGHT = 90
const BAR = 15
const GAP = 12

export interface Cost {
  readonly label: string
  readonly peer: string
  readonly user: number
  readonly system: number
}

export function costChart(title: string, costs: readonly Cost[]): string {
  const most = Math.max(...costs.map(({ user, system }) => user + system), 1e-9)
  const step = stepOf(most)
  const x = (value: number) => LABELS + (value / (Math.ceil(most / step) * step)) * (WIDTH - LABELS - RIGHT)
  const labels = [...new Set(costs.map(({ label }) => label))]
  let y = HEAD + 12
  const bars: string[] = []
  for (const label of labels) {
    bars.push(text(LABELS - 12, y + 12, label, { anchor: 'end', bold: true }))
    for (const { peer, user, system } of costs.filter((cost) => cost.label === label)) {
      const color = colorOf(peer)
      bars.push(rect({ x: LABELS, y, width: x(user) - LABELS, height: BAR - 2 }, color))
      bars.push(rect({ x: x(user), y, width: x(user + system) - x(user), height: BAR - 2 }, color, 0.45))
      bars.push(text(x(user + system) + 6, y + 11, `${peer} ${digits(user + system)}`, { color, size: 11 }))
      y += BAR
    }
    y += GAP
  }
  const grid: string[] = []
  for (let value = 0; value <= Math.ceil(most / step) * step + step / 2; value += step) {
    grid.push(line([x(value), HEAD + 6], [x(value), y], { color: GRID }))
    grid.push(text(x(value), HEAD, digits(value), { anchor: 'middle', color: FAINT, size: 11 }))
  }
  const subtitle =
    'CPU seconds of the broker per GB; the strong part is user time, the pale part system time.'
  return page({ width: WIDTH, height: y + 6, title, subtitle }, [...grid, ...bars])
}

/** About six steps of 1, 2 or 5 times a power of ten. */
function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 6))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => most / step <= 7) ?? 10 * power
}
