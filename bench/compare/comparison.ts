// Two brokers side by side: medians, spread and ratio of every figure.

import type { PeerName } from './peers.js'
import type { ScenarioResults } from './results.js'
import type { Figures } from './scenario.js'
import { type Summary, summarize } from './statistics.js'

export interface Comparison {
  readonly scenario: string
  readonly figure: string
  readonly subjectName: PeerName
  readonly subject: Summary
  readonly peerName: PeerName
  readonly peer: Summary
  /** subject / peer: the median is that of the medians, the spread that of single rounds. */
  readonly ratio: Summary
}

/** Every figure that both have, against every peer. */
export function compare(scenario: string, results: ScenarioResults, subjectName: PeerName): Comparison[] {
  const subjects = summariesOf(results, subjectName)
  const peers = (Object.keys(results.rounds) as PeerName[]).filter((name) => name !== subjectName)
  return peers.flatMap((peerName) => {
    const others = summariesOf(results, peerName)
    return [...subjects].flatMap(([figure, subject]) => {
      const peer = others.get(figure)
      if (peer === undefined) return []
      const ratio = ratioOf(valuesOf(results, subjectName, figure), valuesOf(results, peerName, figure))
      return [{ scenario, figure, subjectName, subject, peerName, peer, ratio }]
    })
  })
}

/** The figures of a peer, with those that were counted in a run of their own. */
export function summariesOf(results: ScenarioResults, name: PeerName): Map<string, Summary> {
  const names = new Set(roundsOf(results, name).flatMap((figures) => Object.keys(figures)))
  return new Map([...names].map((figure) => [figure, summarize(valuesOf(results, name, figure))]))
}

function valuesOf(results: ScenarioResults, name: PeerName, figure: string): number[] {
  const counted = results.systemCalls[name]?.[figure]
  if (counted !== undefined) return [counted]
  return (results.rounds[name] ?? []).map((figures) => {
    const value = figures[figure]
    if (value === undefined) throw new Error(`a round of ${name} has no figure ${figure}`)
    return value
  })
}

function roundsOf(results: ScenarioResults, name: PeerName): Figures[] {
  const counted = results.systemCalls[name]
  return [...(results.rounds[name] ?? []), ...(counted === undefined ? [] : [counted])]
}

export function ratioOf(subject: readonly number[], peer: readonly number[]): Summary {
  const pairs = subject.slice(0, peer.length).map((value, round) => value / (peer[round] as number))
  const median = summarize(subject).median / summarize(peer).median
  return { ...summarize(pairs), median }
}
