// What a broker costs before it has anything to do: to start, to recover, to sit idle, to hold connections.

import { meteredLoad } from '../metered.js'
import { evict } from '../native-tools.js'
import type { RunningPeer } from '../peers.js'
import { type Scenario, type ScenarioSize, scaled } from '../scenario.js'
import { idling, started } from '../standing.js'
import { usageOf } from '../usage.js'
import { fill } from './consume.js'
import { FOUR, KB } from './produce.js'

const IDLE_SECONDS = 3
/** 10 GB of batches of 64 KB. */
const TEN_GIGABYTES = 156_000
const CONNECTIONS = 1_000

export const LIFECYCLE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'start-empty',
    driver: 'native',
    withoutIdeal: true,
    withoutSystemCalls: true,
    question:
      'How long from the start of the process to readiness on an empty directory, and what does idling cost?',
    run: async (peer) => ({ readyMs: peer.readyMs, ...(await idling(peer, IDLE_SECONDS)) }),
  },
  {
    name: 'start-unclean-10-GB',
    driver: 'native',
    withoutIdeal: true,
    withoutSystemCalls: true,
    question:
      'How long until a broker that was killed with 10 GB in four partitions answers for all of them, cold?',
    run: (peer, size) => startedCold(peer, size, 'SIGKILL'),
  },
  {
    name: 'start-clean-10-GB',
    driver: 'native',
    withoutIdeal: true,
    withoutSystemCalls: true,
    question: 'The same after a clean stop.',
    run: (peer, size) => startedCold(peer, size, 'SIGTERM'),
  },
  {
    name: 'connections-1000',
    driver: 'native',
    question: 'What do 1,000 connections cost of which each sends one 1 KB record per second?',
    async run(peer, size) {
      const idleBytes = usageOf(peer.pid).residentBytes
      const load = {
        mode: 'produce',
        ...FOUR,
        connections: CONNECTIONS,
        batch: 0,
        rate: CONNECTIONS,
        warm: 1,
      }
      const figures = await meteredLoad(peer, size, { ...load, seconds: Math.max(3, 10 * size.scale) })
      const { rssMB } = figures
      if (rssMB === undefined) return figures
      return { ...figures, rssKBPerConnection: (rssMB * 1e6 - idleBytes) / 1_000 / CONNECTIONS }
    },
  },
]

async function startedCold(peer: RunningPeer, size: ScenarioSize, signal: 'SIGTERM' | 'SIGKILL') {
  await fill(peer, { ...FOUR, batch: 64 * KB, requests: scaled(TEN_GIGABYTES, size, 2_000) })
  await evict(peer.directory)
  await peer.restart(signal)
  return started(peer, { topic: FOUR.topic, partitions: FOUR.partitions })
}
