// What a comparison has measured, as it stands in its JSON file after every step.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PeerName } from './peers.js'
import type { Figures } from './scenario.js'
import type { Setting } from './setting.js'

export interface ScenarioResults {
  readonly scale: number
  calibration?: Figures
  /** The figures of every round, by peer. */
  readonly rounds: Partial<Record<PeerName, Figures[]>>
  /** Counted in a run of its own. */
  readonly systemCalls: Partial<Record<PeerName, Figures>>
}

export type Results = Record<string, ScenarioResults>

/** Of `scenario`, made empty when there is none yet, or when what is there was measured at another size. */
export function resultsOf(results: Results, scenario: string, scale: number): ScenarioResults {
  const known = results[scenario]
  if (known?.scale === scale) return known
  const empty: ScenarioResults = { scale, rounds: {}, systemCalls: {} }
  results[scenario] = empty
  return empty
}

/** Scenarios of `later` take the place of those of `earlier` as a whole: rounds of two runs are not mixed. */
export function merged(earlier: Results, later: Results): Results {
  return { ...earlier, ...later }
}

export interface Saved {
  readonly setting: Setting
  readonly results: Results
}

export function readSaved(path: string): Saved {
  if (!existsSync(path)) throw new Error(`no such file: ${path}`)
  const saved = JSON.parse(readFileSync(path, 'utf8')) as Partial<Saved>
  if (saved.results === undefined || saved.setting === undefined) {
    throw new Error(`${path} holds no results of a comparison`)
  }
  return { setting: saved.setting, results: saved.results }
}

/** A reader never sees half of it. */
export function writeJson(path: string, content: object): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.part`, `${JSON.stringify(content, null, 2)}\n`)
  renameSync(`${path}.part`, path)
}
