// What a broker costs before it has anything to do: to start, to recover, to sit idle, to hold connections.

import { setTimeout as pause } from 'node:timers/promises'
import { meteredLoad } from '../metered.js'
import { evict } from '../native-tools.js'
import { type Scenario, scaled } from '../scenario.js'
import { usageOf } from '../usage.js'
import { fill } from './consume.js'
import { started } from './partitions.js'
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
    async run(peer) {
      // What starting left to do is no part of idling.
      await pause(IDLE_SECONDS * 1_000)
      const before = usageOf(peer.pid)
      await pause(IDLE_SECONDS * 1_000)
      const after = usageOf(peer.pid)
      const cpuSeconds = after.userSeconds + after.systemSeconds - before.userSeconds - before.systemSeconds
      return {
        readyMs: peer.readyMs,
        idleRssMB: after.residentBytes / 1e6,
        idleCpuMsPerSecond: (cpuSeconds * 1_000) / IDLE_SECONDS,
        idleSwitchesPerSecond: (after.contextSwitches - before.contextSwitches) / IDLE_SECONDS,
      }
    },
  },
  {
    name: 'start-unclean-10-GB',
    driver: 'native',
    withoutIdeal: true,
    withoutSystemCalls: true,
    question:
      'How long until a broker that was killed with 10 GB in four partitions answers for all of them, cold?',
    async run(peer, size) {
      await fill(peer, { ...FOUR, batch: 64 * KB, requests: scaled(TEN_GIGABYTES, size, 2_000) })
      await evict(peer.directory)
      await peer.restart('SIGKILL')
      return started(peer, { topic: FOUR.topic, partitions: FOUR.partitions })
    },
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
