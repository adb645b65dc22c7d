// A comparison as Markdown: the numbers to reach first, then every figure of every scenario.

import { compare, summariesOf } from './comparison.js'
import { type NumberRow, numbersOf } from './numbers.js'
import type { PeerName } from './peers.js'
import type { Results, ScenarioResults } from './results.js'
import type { Summary } from './statistics.js'

export interface ReportInput {
  /** One line each: the machine, the brokers, the sizes. */
  readonly setting: readonly string[]
  readonly results: Results
  readonly subject: PeerName
  /** Question by scenario. */
  readonly questions: ReadonlyMap<string, string>
  /** Paths of pictures relative to the report, with what they show. */
  readonly charts: ReadonlyMap<string, string>
}

export function report({ setting, results, subject, questions, charts }: ReportInput): string {
  const pictures = [...charts].map(([path, what]) => `![${what}](${path})`)
  return [
    '# Comparison',
    setting.map((line) => `- ${line}`).join('\n'),
    '## The numbers to reach',
    numbersTable(numbersOf(results, subject)),
    'A ratio is that of the medians of all rounds; in brackets the least and the greatest of single rounds. ' +
      '`*` marks a number that some rounds reached and others missed.',
    ...(pictures.length === 0 ? [] : ['## Curves', ...pictures]),
    '## Every figure',
    ...Object.entries(results).flatMap(([name, each]) => [
      `### ${name}`,
      questions.get(name) ?? '',
      scenarioTable(name, each, subject),
    ]),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

export function numbersTable(rows: readonly NumberRow[]): string {
  const header = ['number', 'against', 'target', 'measured', 'here', 'there', 'verdict']
  return table(
    header,
    rows.map((row) => [
      row.what,
      row.against === 'itself' ? '–' : row.against,
      targetOf(row),
      row.judged === undefined ? '–' : cell(row.judged),
      row.subject === undefined ? '–' : digits(row.subject.median),
      row.peer === undefined ? '–' : digits(row.peer.median),
      row.close ? `${row.verdict}*` : row.verdict,
    ]),
  )
}

function targetOf({ against, atLeast, atMost }: NumberRow): string {
  const unit = against === 'itself' ? '' : '×'
  if (atLeast !== undefined) return `≥ ${digits(atLeast)}${unit}`
  return atMost === undefined ? 'report' : `≤ ${digits(atMost)}${unit}`
}

/** Figures as rows, brokers as columns, then the ratio to each of the others. */
export function scenarioTable(name: string, results: ScenarioResults, subject: PeerName): string {
  const names = Object.keys(results.rounds) as PeerName[]
  const others = names.filter((each) => each !== subject && names.includes(subject))
  const ratios = compare(name, results, subject)
  const summaries = new Map(names.map((each) => [each, summariesOf(results, each)]))
  const figures = new Set([...summaries.values()].flatMap((each) => [...each.keys()]))
  const header = ['figure', ...names, ...others.map((other) => `${subject} / ${other}`)]
  const rows = [...figures].map((figure) => [
    figure,
    ...names.map((each) => orDash(summaries.get(each)?.get(figure))),
    ...others.map((other) =>
      orDash(ratios.find((row) => row.figure === figure && row.peerName === other)?.ratio),
    ),
  ])
  return table(header, rows)
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] as string).length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] as number)).join(' | ')} |`
  return [header, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')
}

const orDash = (summary: Summary | undefined): string => (summary === undefined ? '–' : cell(summary))

function cell({ median, min, max, runs }: Summary): string {
  return runs === 1 ? digits(median) : `${digits(median)} [${digits(min)}–${digits(max)}]`
}

/** Three digits that count, never an exponent. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return String(Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3)))
}
