// The comparison as a table for people and as JSON for machines.

import type { Figures } from './scenarios.js'
import { type Summary, summarize } from './statistics.js'

export interface Comparison {
  readonly scenario: string
  readonly figure: string
  readonly millrace: Summary
  readonly peer: Summary
  /** millrace / peer, of the medians. */
  readonly ratio: number
}

export function compare(
  scenario: string,
  millrace: readonly Figures[],
  peer: readonly Figures[],
): Comparison[] {
  return Object.keys(millrace[0] ?? {}).map((figure) => {
    const ours = summarize(millrace.map((figures) => figures[figure] as number))
    const theirs = summarize(peer.map((figures) => figures[figure] as number))
    return { scenario, figure, millrace: ours, peer: theirs, ratio: ours.median / theirs.median }
  })
}

export function table(peerName: string, comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((row) => [
    row.scenario,
    row.figure,
    cell(row.millrace),
    cell(row.peer),
    round(row.ratio),
  ])
  const header = ['scenario', 'figure', 'millrace [min-max]', `${peerName} [min-max]`, 'ratio']
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  )
  const line = (cells: readonly string[]) =>
    cells.map((text, column) => text.padEnd(widths[column] as number)).join('  ')
  return [header, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')
}

const cell = ({ median, min, max }: Summary): string => `${round(median)} [${round(min)}-${round(max)}]`

function round(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '-'
}
