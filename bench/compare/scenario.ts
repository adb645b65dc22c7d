import type { RunningPeer } from './peers.js'

/** Every figure has its unit in its name. */
export type Figures = Record<string, number>

export interface ScenarioSize {
  /** Scales record counts and seconds; 1 is the size whose results are published. */
  readonly scale: number
}

/** What is measured on each peer, with one fresh broker per scenario and round. */
export interface Scenario {
  readonly name: string
  /** Answers this question. */
  readonly question: string
  /** Kafka's Java tools, or the native generator, which is the only one that can drive `ideal`. */
  readonly driver: 'java' | 'native'
  run(peer: RunningPeer, size: ScenarioSize): Promise<Figures>
}
