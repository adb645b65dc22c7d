// In which order a comparison does its steps, and how long the rest of them will take.

import type { PeerName } from './peers.js'
import { type Scenario, takesPart } from './scenario.js'

export interface Step {
  readonly scenario: Scenario
  readonly peer: PeerName
  readonly kind: 'calibrate' | 'round' | 'systemCalls'
  /** From 0; of `round` only. */
  readonly round: number
}

export interface PlanOptions {
  readonly scenarios: readonly Scenario[]
  /** The subject first. */
  readonly peers: readonly PeerName[]
  readonly rounds: number
  /** Of scenarios that are heavy. */
  readonly heavyRounds: number
  readonly systemCalls: boolean
}

/**
 * Round by round over all scenarios, each round beginning with another peer: whatever drifts on the machine meets all
 * of them alike, and a run that is cut short has the whole table, with fewer rounds.
 */
export function planOf({ scenarios, peers, rounds, heavyRounds, systemCalls }: PlanOptions): Step[] {
  const calibrator = peers.includes('kafka') ? 'kafka' : (peers[0] as PeerName)
  const steps: Step[] = scenarios
    .filter(({ calibrate }) => calibrate !== undefined)
    .map((scenario) => ({ scenario, peer: calibrator, kind: 'calibrate', round: 0 }))
  for (let round = 0; round < rounds; round++) {
    for (const scenario of scenarios.filter(({ heavy }) => round < (heavy ? heavyRounds : rounds))) {
      const able = peers.filter((peer) => takesPart(scenario, peer))
      const turns = able.map((_, turn) => able[(round + turn) % able.length] as PeerName)
      steps.push(...turns.map((peer): Step => ({ scenario, peer, kind: 'round', round })))
    }
  }
  if (!systemCalls) return steps
  const counted = scenarios.filter(({ withoutSystemCalls }) => !withoutSystemCalls)
  return steps.concat(
    counted.flatMap((scenario) =>
      peers
        .filter((peer) => takesPart(scenario, peer))
        .map((peer): Step => ({ scenario, peer, kind: 'systemCalls', round: 0 })),
    ),
  )
}

/** Learns from the steps that were done; the first round is a guess by the mean of what was seen so far. */
export class Estimate {
  private readonly seconds = new Map<string, number>()

  took(step: Step, seconds: number): void {
    this.seconds.set(keyOf(step), seconds)
  }

  /** Undefined before anything was measured. */
  left(steps: readonly Step[]): number | undefined {
    if (this.seconds.size === 0) return undefined
    const mean = [...this.seconds.values()].reduce((sum, each) => sum + each, 0) / this.seconds.size
    return steps.reduce((sum, step) => sum + (this.seconds.get(keyOf(step)) ?? mean), 0)
  }
}

const keyOf = ({ scenario, peer, kind }: Step): string => `${scenario.name} ${peer} ${kind}`
