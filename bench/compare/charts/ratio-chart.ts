// The numbers to reach against one peer: bars from the line of equality on a logarithmic scale, where twice and half
// look alike, and a mark where each number is to be.

import type { NumberRow } from '../numbers.js'
import { digits } from '../report.js'
import { FAINT, GRID, HEAD, INK, line, page, rect, text } from './svg.js'

const WIDTH = 860
const LABELS = 330
const RIGHT = 170
const ROW = 26
const REACHED = '#2f855a'
const MISSED = '#c53030'

export function ratioChart(title: string, rows: readonly NumberRow[]): string {
  const drawn = rows.filter(({ judged }) => judged !== undefined && judged.median > 0)
  const reach = Math.max(1, ...drawn.flatMap(extremes).map(distance))
  const half = (WIDTH - LABELS - RIGHT) / 2
  const middle = LABELS + half
  const x = (ratio: number) => middle + (Math.log2(ratio) / (reach * 1.05)) * half
  const bottom = HEAD + 18 + drawn.length * ROW
  const ticks = ticksOf(reach).flatMap((ratio) => [
    line([x(ratio), HEAD + 8], [x(ratio), bottom], { color: ratio === 1 ? FAINT : GRID }),
    text(x(ratio), HEAD, ratio < 1 ? `1/${1 / ratio}` : `${ratio}×`, {
      anchor: 'middle',
      color: FAINT,
      size: 11,
    }),
  ])
  const bars = drawn.map((row, index) => barOf(row, { x, y: HEAD + 14 + index * ROW }))
  const subtitle =
    'Median ratio, a thin line for the spread of rounds; the mark is the number to reach, the arrow the better side.'
  return page({ width: WIDTH, height: bottom + 14, title, subtitle }, [...ticks, ...bars])
}

const bound = ({ atLeast, atMost }: Pick<NumberRow, 'atLeast' | 'atMost'>) => atLeast ?? atMost ?? 1
const extremes = ({ judged, ...row }: NumberRow) => [judged?.min, judged?.max, judged?.median, bound(row)]
const distance = (ratio = 1): number => Math.abs(Math.log2(ratio))

function barOf(row: NumberRow, { x, y }: { x: (ratio: number) => number; y: number }): string {
  const ratio = row.judged?.median ?? 1
  const color = row.verdict === 'missed' ? MISSED : REACHED
  const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))]
  const target = x(bound(row))
  const arrow = row.atLeast === undefined ? '←' : '→'
  const verdict = `${ratio < 0.1 ? ratio.toFixed(3) : digits(ratio)}× ${arrow} ${row.close ? `${row.verdict}*` : row.verdict}`
  return [
    text(LABELS - 12, y + 13, row.what, { anchor: 'end' }),
    rect({ x: from, y, width: to - from, height: ROW - 8 }, color, 0.85),
    ...spreadOf(row).map(({ min, max }) => line([x(min), y + 9], [x(max), y + 9], { color: INK })),
    line([target, y - 3], [target, y + ROW - 5], { color: INK, width: 2.5 }),
    text(WIDTH - RIGHT + 14, y + 13, verdict, { color, bold: true }),
  ].join('')
}

function spreadOf({ judged }: NumberRow) {
  return judged === undefined || judged.runs === 1 ? [] : [judged]
}

/** Powers of two, or of four where there would be too many. */
function ticksOf(reach: number): number[] {
  const step = reach > 4 ? 2 : 1
  const count = Math.floor(reach / step)
  return Array.from({ length: 2 * count + 1 }, (_, index) => 2 ** ((index - count) * step))
}
