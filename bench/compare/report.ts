// The comparison as a table for people and as JSON for machines.

import type { PeerName } from './peers.js'
import type { Figures } from './scenario.js'
import { type Summary, summarize } from './statistics.js'

export interface Comparison {
  readonly scenario: string
  readonly figure: string
  readonly subjectName: PeerName
  readonly subject: Summary
  readonly peerName: PeerName
  readonly peer: Summary
  /** subject / peer, of the medians. */
  readonly ratio: number
}

/** The figures of every round, by peer. */
export type Rounds = Partial<Record<PeerName, readonly Figures[]>>

export function compare(scenario: string, rounds: Rounds, subjectName: PeerName): Comparison[] {
  const ours = rounds[subjectName] ?? []
  const peers = (Object.keys(rounds) as PeerName[]).filter((name) => name !== subjectName)
  return peers.flatMap((peerName) =>
    Object.keys(ours[0] ?? {}).map((figure) => {
      const subject = summarize(valuesOf(ours, figure))
      const peer = summarize(valuesOf(rounds[peerName] ?? [], figure))
      return { scenario, figure, subjectName, subject, peerName, peer, ratio: subject.median / peer.median }
    }),
  )
}

function valuesOf(rounds: readonly Figures[], figure: string): number[] {
  return rounds.map((figures) => {
    const value = figures[figure]
    if (value === undefined) throw new Error(`a round has no figure ${figure}`)
    return value
  })
}

export function table(comparisons: readonly Comparison[]): string {
  const header = ['scenario', 'figure', 'subject', 'median [min-max]', 'peer', 'median [min-max]', 'ratio']
  const rows = comparisons.map((row) => [
    row.scenario,
    row.figure,
    row.subjectName,
    cell(row.subject),
    row.peerName,
    cell(row.peer),
    round(row.ratio),
  ])
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((text, column) => text.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd()
  return [header, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')
}

const cell = ({ median, min, max }: Summary): string => `${round(median)} [${round(min)}-${round(max)}]`

function round(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '-'
}
