// A table whose cells are ratios: the stronger the color, the further from equal.

import { digits } from '../report.js'
import { HEAD, INK, page, rect, text } from './svg.js'

const LABELS = 150
const CELL = { width: 170, height: 34 }

export interface HeatCell {
  readonly row: string
  readonly column: string
  readonly ratio: number
  /** A line below the ratio. */
  readonly note: string
}

export function heatMap(title: string, subtitle: string, cells: readonly HeatCell[]): string {
  const rows = [...new Set(cells.map(({ row }) => row))]
  const columns = [...new Set(cells.map(({ column }) => column))]
  const x = (column: string) => LABELS + columns.indexOf(column) * CELL.width
  const y = (row: string) => HEAD + 16 + rows.indexOf(row) * CELL.height
  const heads = columns.map((column) =>
    text(x(column) + CELL.width / 2, HEAD + 6, column, { anchor: 'middle', bold: true }),
  )
  const sides = rows.map((row) => text(LABELS - 12, y(row) + 21, row, { anchor: 'end' }))
  const drawn = cells.flatMap(({ row, column, ratio, note }) => {
    const at = { x: x(column) + 1, y: y(row) + 1, width: CELL.width - 2, height: CELL.height - 2 }
    const strength = Math.min(0.85, 0.08 + Math.abs(Math.log2(ratio)) / 5)
    const ink = strength > 0.5 ? '#fff' : INK
    const center = at.x + at.width / 2
    return [
      rect(at, ratio >= 1 ? '#1b6ca8' : '#d1603d', strength),
      text(center, at.y + 14, `${digits(ratio)}×`, { anchor: 'middle', bold: true, color: ink }),
      text(center, at.y + 27, note, { anchor: 'middle', size: 10, color: ink }),
    ]
  })
  const size = {
    width: LABELS + columns.length * CELL.width + 16,
    height: y(rows.at(-1) ?? '') + CELL.height + 12,
  }
  return page({ ...size, title, subtitle }, [...heads, ...sides, ...drawn])
}
