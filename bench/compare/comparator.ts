// Does the steps of a comparison one after the other, and keeps what each of them gave.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { startPeer } from './peers.js'
import { MEMORY, WORK } from './places.js'
import { Estimate, type Step } from './plan.js'
import { type Results, resultsOf, type ScenarioResults } from './results.js'
import type { Figures } from './scenario.js'

/** System calls are counted, not timed: a smaller load tells as much. */
const SYSTEM_CALLS_SHARE = 0.3

export interface ComparatorOptions {
  readonly scale: number
  /** Of a run that was cut short: its steps are not done again. */
  readonly known: Results
  /** After every step, so that a broker that fails in a later one takes nothing along. */
  readonly publish: (results: Results) => void
}

export class Comparator {
  readonly results: Results
  private readonly estimate = new Estimate()

  constructor(private readonly options: ComparatorOptions) {
    this.results = structuredClone(options.known)
  }

  async run(steps: readonly Step[]): Promise<void> {
    const left = steps.filter((step) => !isDone(this.resultsOf(step), step))
    for (const [index, step] of left.entries()) {
      const before = performance.now()
      const figures = await this.measure(step)
      keep(this.resultsOf(step), step, figures)
      this.options.publish(this.results)
      this.estimate.took(step, (performance.now() - before) / 1_000)
      this.progress(left, index, figures)
    }
  }

  /** What the broker wrote is removed, unless it failed: then its output is the first thing to read. */
  private async measure({ scenario, peer: name, kind }: Step): Promise<Figures> {
    const directory = join(scenario.bytesInMemory ? MEMORY : WORK, 'brokers', name)
    const { scale, calibration = {} } = this.resultsOf({ scenario })
    const systemCalls = kind === 'systemCalls'
    const size = { scale: systemCalls ? scale * SYSTEM_CALLS_SHARE : scale, systemCalls, calibration }
    const peer = await startPeer(name, directory, scenario)
    const work = kind === 'calibrate' ? scenario.calibrate : scenario.run
    const figures = await work?.call(scenario, peer, size).finally(() => peer.stop())
    rmSync(directory, { recursive: true, force: true })
    return systemCalls ? onlySystemCalls(figures ?? {}) : (figures ?? {})
  }

  private resultsOf({ scenario }: Pick<Step, 'scenario'>): ScenarioResults {
    return resultsOf(this.results, scenario.name, this.options.scale)
  }

  private progress(steps: readonly Step[], index: number, figures: Figures): void {
    const { scenario, peer, kind, round } = steps[index] as Step
    const what = kind === 'round' ? `round ${round + 1}` : kind
    const minutes = Math.ceil((this.estimate.left(steps.slice(index + 1)) ?? 0) / 60)
    const done = `[${index + 1}/${steps.length}, ${minutes} min left]`
    process.stderr.write(`${done} ${scenario.name} ${what} ${peer}: ${brief(figures)}\n`)
  }
}

function isDone(results: ScenarioResults, { peer, kind, round }: Step): boolean {
  if (kind === 'calibrate') return results.calibration !== undefined
  if (kind === 'systemCalls') return results.systemCalls[peer] !== undefined
  return (results.rounds[peer] ?? []).length > round
}

function keep(results: ScenarioResults, { peer, kind }: Step, figures: Figures): void {
  if (kind === 'calibrate') results.calibration = figures
  else if (kind === 'systemCalls') results.systemCalls[peer] = figures
  else results.rounds[peer] = [...(results.rounds[peer] ?? []), figures]
}

function onlySystemCalls(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => /systemCallsPer\w+$/.test(name)))
}

const FIGURES_SHOWN = 6

/** Enough to see that something is wrong; the rest is in the file. */
function brief(figures: Figures): string {
  const shown = Object.entries(figures).slice(0, FIGURES_SHOWN)
  return shown.map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`).join(', ')
}
