// The numbers to reach, as data, and what a comparison says about them.

import { ratioOf } from './comparison.js'
import type { PeerName } from './peers.js'
import type { Results } from './results.js'
import { type Summary, summarize } from './statistics.js'

export interface Target {
  readonly what: string
  readonly scenario: string
  readonly figure: string
  /** The ratio to this peer counts, or with `itself` the figure; the peer's own is stated beside it. */
  readonly against: 'kafka' | 'ideal' | 'itself'
  /** Without bounds the number is reported and not judged. */
  readonly atLeast?: number
  readonly atMost?: number
}

const against = (peer: Target['against'], bound: Pick<Target, 'atLeast' | 'atMost'>) => {
  return (what: string, scenario: string, figure: string): Target => ({
    what,
    scenario,
    figure,
    against: peer,
    ...bound,
  })
}
const kafkaAtLeast = (atLeast: number) => against('kafka', { atLeast })
const kafkaAtMost = (atMost: number) => against('kafka', { atMost })
const idealAtLeast = (atLeast: number) => against('ideal', { atLeast })
const idealAtMost = (atMost: number) => against('ideal', { atMost })
const itself = (bound: Pick<Target, 'atLeast' | 'atMost'>) => against('itself', bound)

export const TARGETS: readonly Target[] = [
  kafkaAtLeast(2.5)('produce throughput, 16 KB batches, acks=1', 'produce-16-KB', 'MBps'),
  kafkaAtLeast(2)('produce throughput, 64 KB batches, acks=1', 'produce-64-KB', 'MBps'),
  idealAtLeast(0.7)('produce throughput, 16 KB batches, acks=1', 'produce-16-KB', 'MBps'),
  idealAtLeast(0.8)('produce throughput, 64 KB batches, acks=1', 'produce-64-KB', 'MBps'),
  kafkaAtMost(1 / 3)('CPU per GB produced, 16 KB batches', 'produce-16-KB', 'cpuSecondsPerGB'),
  kafkaAtMost(1 / 3)('CPU per GB produced, 64 KB batches', 'produce-64-KB', 'cpuSecondsPerGB'),
  idealAtMost(1.5)('CPU per GB produced, 16 KB batches', 'produce-16-KB', 'cpuSecondsPerGB'),
  idealAtMost(1.5)('CPU per GB produced, 64 KB batches', 'produce-64-KB', 'cpuSecondsPerGB'),
  kafkaAtMost(1 / 2)('CPU per GB consumed, 64 KB chunks', 'consume-64-KB', 'cpuSecondsPerGB'),
  kafkaAtMost(1 / 2)('CPU per GB consumed, 256 KB chunks', 'consume-256-KB', 'cpuSecondsPerGB'),
  idealAtMost(1.5)('CPU per GB consumed, 64 KB chunks', 'consume-64-KB', 'cpuSecondsPerGB'),
  idealAtMost(1.5)('CPU per GB consumed, 256 KB chunks', 'consume-256-KB', 'cpuSecondsPerGB'),
  kafkaAtLeast(1.5)('consume throughput, 64 KB chunks', 'consume-64-KB', 'MBps'),
  kafkaAtLeast(1.5)('consume throughput, 256 KB chunks', 'consume-256-KB', 'MBps'),
  idealAtLeast(0.75)('consume throughput, 64 KB chunks', 'consume-64-KB', 'MBps'),
  idealAtLeast(0.8)('consume throughput, 256 KB chunks', 'consume-256-KB', 'MBps'),
  kafkaAtLeast(5)('fetch over 1,000 partitions with 1 KB each', 'fetch-1000-partitions', 'chunksPerSecond'),
  itself({ atMost: 1.5 })(
    'fetch over 1,000 partitions, CPU µs per chunk',
    'fetch-1000-partitions',
    'cpuUsPerChunk',
  ),
  itself({})('p99 µs, nobody busy, 5,000 requests/s', 'script-busy', 'calm.p99Us'),
  itself({})('p99 µs, the script busy 10 ms every 200 ms', 'script-busy', 'inside.p99Us'),
  itself({})('p99 µs, a path that does not wait for the script', 'script-busy', 'beside.p99Us'),
  kafkaAtLeast(3)('requests/s, one record each, 64 connections', 'produce-one-record', 'requestsPerSecond'),
  idealAtLeast(0.6)('requests/s, one record each, 64 connections', 'produce-one-record', 'requestsPerSecond'),
  kafkaAtMost(1 / 3)("end-to-end p99 at half of Kafka's maximum", 'end-to-end-half', 'p99Us'),
  kafkaAtMost(1 / 5)("end-to-end p99.9 at half of Kafka's maximum", 'end-to-end-half', 'p999Us'),
  itself({ atMost: 1.5 })('p99 at the tail beside a cold reader / alone', 'tail-beside-cold', 'p99Factor'),
  kafkaAtLeast(10)('durable acks (flush.messages=1), 64 producers', 'durable-acks', 'requestsPerSecond'),
  itself({ atLeast: 0.8 })('produce throughput kept with 10,000 partitions', 'partitions', 'kept10000'),
  kafkaAtMost(1 / 8)('RSS idle', 'start-empty', 'idleRssMB'),
  kafkaAtMost(1 / 4)('RSS under load, 64 KB batches', 'produce-64-KB', 'rssMB'),
  kafkaAtMost(1 / 15)('start, empty', 'start-empty', 'readyMs'),
  kafkaAtMost(1 / 5)('start, 10,000 partitions', 'start-10000-partitions', 'answeredMs'),
  kafkaAtMost(1 / 5)('start, 10,000 partitions, killed', 'start-10000-partitions-unclean', 'answeredMs'),
]

export type Verdict = 'reached' | 'missed' | 'reported' | 'not measured'

export interface NumberRow extends Target {
  /** Medians of the figure itself. */
  readonly subject?: Summary
  readonly peer?: Summary
  /** What is judged: a ratio, or the figure with `itself`. */
  readonly judged?: Summary
  readonly verdict: Verdict
  /** Some rounds say the opposite of the median. */
  readonly close: boolean
}

/** One row per target, in their order. */
export function numbersOf(results: Results, subject: PeerName, targets = TARGETS): NumberRow[] {
  return targets.map((target) => {
    const ours = valuesOf(results, target, subject)
    const theirs = valuesOf(results, target, target.against === 'itself' ? 'kafka' : target.against)
    const row = {
      ...target,
      ...(ours.length > 0 && { subject: summarize(ours) }),
      ...(theirs.length > 0 && { peer: summarize(theirs) }),
    }
    const comparable = ours.length > 0 && (target.against === 'itself' || theirs.length > 0)
    if (!comparable) return { ...row, verdict: 'not measured', close: false }
    const judged = target.against === 'itself' ? summarize(ours) : ratioOf(ours, theirs)
    return { ...row, judged, ...verdictOf(target, judged) }
  })
}

function valuesOf(results: Results, { scenario, figure }: Target, name: PeerName): number[] {
  return (results[scenario]?.rounds[name] ?? []).flatMap((figures) => figures[figure] ?? [])
}

export function verdictOf({ atLeast, atMost }: Target, { median, min, max }: Summary) {
  if (atLeast === undefined && atMost === undefined) return { verdict: 'reported', close: false } as const
  const holds = (value: number) => value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity)
  return { verdict: holds(median) ? 'reached' : 'missed', close: holds(min) !== holds(max) } as const
}
