// Writes the files of a comparison: results.json, report.md, charts.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCharts } from './charts.js'
import { compare } from './comparison.js'
import { numbersOf } from './numbers.js'
import type { PeerName } from './peers.js'
import { numbersTable, report } from './report.js'
import { type Results, writeJson } from './results.js'
import { SCENARIOS } from './scenarios/all.js'
import { linesOf, type Setting } from './setting.js'

export interface Output {
  readonly directory: string
  readonly subject: PeerName
  readonly setting: Setting
  readonly charts?: boolean
}

/** What is printed at the end. */
export function publish(results: Results, { directory, subject, setting, charts = false }: Output): string {
  const ordered = inOrder(results)
  const comparisons = Object.entries(ordered).flatMap(([name, each]) => compare(name, each, subject))
  const numbers = numbersOf(ordered, subject)
  writeJson(join(directory, 'results.json'), { setting, numbers, comparisons, results: ordered })
  const drawn = charts ? writeCharts(join(directory, 'charts'), ordered, subject) : new Map<string, string>()
  const pictures = new Map([...drawn].map(([file, what]) => [`charts/${file}`, what]))
  const questions = new Map(SCENARIOS.map(({ name, question }) => [name, question]))
  const lines = [...linesOf(setting), sizes(ordered)]
  mkdirSync(directory, { recursive: true })
  const text = report({ setting: lines, results: ordered, subject, questions, charts: pictures })
  writeFileSync(join(directory, 'report.md'), text)
  return `${lines.join('\n')}\n\n${numbersTable(numbers)}\n\nEvery figure: ${join(directory, 'report.md')}\n`
}

function inOrder(results: Results): Results {
  const place = (name: string) => SCENARIOS.findIndex((scenario) => scenario.name === name)
  return Object.fromEntries(Object.entries(results).sort(([a], [b]) => place(a) - place(b)))
}

function sizes(results: Results): string {
  const scales = new Set(Object.values(results).map(({ scale }) => scale))
  const rounds = Object.values(results).flatMap((each) =>
    Object.values(each.rounds).map(({ length }) => length),
  )
  return `Scale ${[...scales].join(' and ')}, ${Math.min(...rounds, Infinity)} to ${Math.max(...rounds, 0)} rounds`
}
