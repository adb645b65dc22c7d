// Whether a broker stays as fast, as small and as quick to start with thousands of partitions.

import { countedLoad } from '../metered.js'
import { awaitTopic, type LoadOptions } from '../native-tools.js'
import type { RunningPeer } from '../peers.js'
import { type Figures, partOf, type Scenario } from '../scenario.js'
import { usageOf } from '../usage.js'
import { KB } from './produce.js'

export const PARTITION_COUNTS = [1, 100, 1_000, 10_000] as const
const MOST = PARTITION_COUNTS[3]

export const PARTITION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'partitions',
    driver: 'native',
    heavy: true,
    question: 'How much of the throughput of 16 KB batches is kept with 100, 1,000 and 10,000 partitions?',
    async run(peer, size) {
      const figures: Figures = {}
      for (const partitions of PARTITION_COUNTS) {
        const load = { ...spread(partitions), batch: 16 * KB, requests: 40_000 }
        const measured = await countedLoad(peer, size, { mode: 'produce', connections: 4, ...load })
        Object.assign(figures, partOf(`${partitions}-partitions`, measured))
      }
      return { ...figures, ...kept(figures) }
    },
  },
  {
    name: 'start-10000-partitions',
    driver: 'native',
    heavy: true,
    withoutIdeal: true,
    withoutSystemCalls: true,
    question:
      'How long until a stopped broker with 10,000 partitions answers for all of them, and in how much memory?',
    async run(peer) {
      const topic = { topic: 'many', partitions: MOST }
      const createdMs = await timed(() => awaitTopic(peer.bootstrap, topic))
      await peer.restart('SIGTERM')
      return { createdMs, ...(await started(peer, topic)) }
    },
  },
]

/** The generator sends from as much memory whatever the number of partitions, or its caches would be measured. */
function spread(partitions: number) {
  return { topic: `of-${partitions}`, partitions, distinct: MOST / partitions }
}

/** Per peer and round: both throughputs come from the same process. */
function kept(figures: Figures): Figures {
  const of = (partitions: number) => figures[`${partitions}-partitions.MBps`]
  const one = of(1)
  if (one === undefined) return {}
  return Object.fromEntries(
    PARTITION_COUNTS.slice(1).map((count) => [`kept${count}`, (of(count) ?? Number.NaN) / one]),
  )
}

/** Readiness as the broker's log says it, and the first answer for every partition, which is what a client waits for. */
export async function started(peer: RunningPeer, topic: LoadOptions): Promise<Figures> {
  const records = await awaitTopic(peer.bootstrap, topic)
  const answeredMs = performance.now() - peer.startedAtMs
  return { readyMs: peer.readyMs, answeredMs, records, rssMB: usageOf(peer.pid).residentBytes / 1e6 }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}
