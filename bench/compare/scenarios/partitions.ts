// Whether a broker stays as fast, as small and as quick to start with thousands of partitions.

import { countedLoad } from '../metered.js'
import { awaitTopic, runLoad } from '../native-tools.js'
import type { RunningPeer } from '../peers.js'
import { type Figures, partOf, type Scenario } from '../scenario.js'
import { settle } from '../settling.js'
import { idling, started } from '../standing.js'
import { fill } from './consume.js'
import { KB } from './produce.js'

export const PARTITION_COUNTS = [1, 100, 1_000, 10_000] as const
const MOST = PARTITION_COUNTS[3]
const IDLE_SECONDS = 10

export const PARTITION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'partitions',
    driver: 'native',
    heavy: true,
    question: 'How much of the throughput of 16 KB batches is kept with 100, 1,000 and 10,000 partitions?',
    async run(peer, size) {
      const figures: Figures = {}
      for (const partitions of PARTITION_COUNTS) {
        const load = { ...spread(partitions), connections: 4, batch: 16 * KB }
        // The first append makes a partition's files. It happens once, and is no part of what is kept.
        await fill(peer, { ...load, requests: partitions })
        await settle(peer.directory)
        const measured = await countedLoad(peer, size, { mode: 'produce', ...load, requests: 40_000 })
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
    run: (peer) => startedWithMany(peer, 'SIGTERM'),
  },
  {
    name: 'start-10000-partitions-unclean',
    driver: 'native',
    heavy: true,
    withoutIdeal: true,
    withoutSystemCalls: true,
    question: 'The same after it was killed.',
    run: (peer) => startedWithMany(peer, 'SIGKILL'),
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

/** Each partition has a batch: of one that nobody ever wrote to there would be nothing to read. */
async function startedWithMany(peer: RunningPeer, signal: 'SIGTERM' | 'SIGKILL'): Promise<Figures> {
  const topic = { topic: 'many', partitions: MOST }
  const createdMs = await timed(() => awaitTopic(peer.bootstrap, topic))
  await runLoad(peer.bootstrap, {
    mode: 'produce',
    ...topic,
    connections: 1,
    batch: KB,
    distinct: 1,
    requests: MOST,
  })
  await peer.restart(signal)
  return { createdMs, ...(await started(peer, topic)), ...(await idling(peer, IDLE_SECONDS)) }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}
