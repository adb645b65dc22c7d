import type { Launch, PeerName, RunningPeer } from './peers.js'

/** Every figure has its unit at the end of its name. */
export type Figures = Record<string, number>

export interface ScenarioSize {
  /** Scales record counts, bytes and seconds; 1 is the size whose results are published. */
  readonly scale: number
  /** Count system calls instead of measuring time: the counting disturbs the clock. */
  readonly systemCalls: boolean
  /** What `calibrate` found, the same for every peer. */
  readonly calibration: Figures
}

/** What is measured on each peer, with one fresh broker per scenario and round. */
export interface Scenario {
  readonly name: string
  /** Answers this question. */
  readonly question: string
  /** `native` is the generator of bench/native, which is the only one that can drive `ideal`. */
  readonly driver: 'java' | 'native' | 'librdkafka'
  /** How Millrace is started; as its own process when left out. */
  readonly launch?: Launch
  /** Broker settings as key=value, beyond those every scenario has. */
  readonly settings?: readonly string[]
  /** `ideal` takes part where it serves what the scenario asks for. */
  readonly withoutIdeal?: boolean
  /** The scenario waits for the clock more than for the broker and has no loads whose system calls could be counted. */
  readonly withoutSystemCalls?: boolean
  /** Most of it is making 10,000 partitions: once is enough for a quick run. */
  readonly heavy?: boolean
  /**
   * On a file system in memory, because the write-back of a disk varies by more than what is asked: how much it
   * takes there at scale 1.
   */
  readonly bytesInMemory?: number
  /** Once per comparison, on Kafka where it takes part, otherwise on the subject. */
  calibrate?(peer: RunningPeer, size: ScenarioSize): Promise<Figures>
  run(peer: RunningPeer, size: ScenarioSize): Promise<Figures>
}

export function takesPart(scenario: Scenario, peer: PeerName): boolean {
  return peer !== 'ideal' || (scenario.driver === 'native' && !scenario.withoutIdeal)
}

/** A count of a load at the size asked for. */
export function scaled(count: number, { scale }: ScenarioSize, least = 100): number {
  return Math.max(least, Math.round(count * scale))
}

/** Figures of one part of a scenario: `part.name`. */
export function partOf(part: string, figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${part}.${name}`, value]))
}
