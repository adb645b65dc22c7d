// How long a record takes, counted from the moment it was due: an open loop that a stall does not slow down.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { countedLoad, pacedLoad } from '../metered.js'
import { background, evict, type LoadOutcome } from '../native-tools.js'
import type { RunningPeer } from '../peers.js'
import { REPOSITORY } from '../places.js'
import { type Figures, partOf, type Scenario, type ScenarioSize, scaled } from '../scenario.js'
import { settle } from '../settling.js'
import { fill } from './consume.js'
import { KB } from './produce.js'

const TAIL = { mode: 'end_to_end', topic: 'tail', partitions: 4, connections: 8 } as const
const COLD = { topic: 'cold', partitions: 1 } as const
const COLD_READ_BATCHES = 16_000
const EVICT_SECONDS = 0.25
const SETTLE_MS = 500

export const LATENCY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'end-to-end-half',
    driver: 'native',
    question:
      "At half of Kafka's greatest rate of 1 KB records: how old is a record when its consumer holds it?",
    async calibrate(peer, size) {
      const { recordsPerSecond = 0 } = await countedLoad(peer, size, { ...TAIL, requests: 100_000 })
      return { maximumPerSecond: recordsPerSecond }
    },
    async run(peer, size) {
      const rate = Math.max(100, Math.round((size.calibration.maximumPerSecond ?? 0) / 2))
      await settle(peer.directory)
      return { ratePerSecond: rate, ...(await pacedLoad(peer, size, { ...TAIL, rate, seconds: 15 })) }
    },
  },
  {
    name: 'tail-beside-cold',
    driver: 'native',
    question:
      'At 2,000 records/s: how old is a record at the tail, alone and while another consumer reads from disk?',
    async run(peer, size) {
      await fill(peer, { ...COLD, batch: 64 * KB, requests: scaled(COLD_READ_BATCHES, size, 4_000) })
      await settle(peer.directory)
      const tail = () => pacedLoad(peer, size, { ...TAIL, rate: 2_000, seconds: 15 })
      const alone = await tail()
      const beside = await besideColdReader(peer, size, tail)
      return { ...partOf('alone', alone), ...partOf('cold', beside), ...factors(alone, beside) }
    },
  },
  {
    name: 'script-busy',
    driver: 'native',
    launch: 'embedded',
    question:
      'At 5,000 requests/s: what does 10 ms of work every 200 ms cost, beside the broker and (Millrace) in its script?',
    async run(peer, size) {
      const tiny = { topic: 'busy', partitions: 4, connections: 16, in_flight: 64, batch: 0 }
      const load = { mode: 'produce', ...tiny, rate: 5_000, seconds: 8 }
      await settle(peer.directory)
      const calm = await pacedLoad(peer, size, load)
      const beside = await besideBusyProcess(() => pacedLoad(peer, size, load))
      const figures = { ...partOf('calm', calm), ...partOf('beside', beside) }
      if (peer.name !== 'millrace') return figures
      return {
        ...figures,
        ...partOf('inside', await insideBusyScript(peer, () => pacedLoad(peer, size, load))),
      }
    },
  },
]

async function besideColdReader(
  peer: RunningPeer,
  size: ScenarioSize,
  work: () => Promise<Figures>,
): Promise<Figures> {
  await evict(peer.directory)
  // The segments are dropped again and again, or the second pass over them would be a warm one; those of the tail
  // are left alone, for dropping them syncs them, and what is appended meanwhile waits for that.
  const dropped = { action: 'evict', dir: peer.directory, topic: COLD.topic, every: EVICT_SECONDS }
  const dropping = background('cache', dropped)
  const reading = { mode: 'consume', connect: peer.bootstrap, ...COLD, max_bytes: 1 << 20, discard: 1 }
  const reader = background('load', { ...reading, seconds: 600 })
  const figures = await work()
  const { MBps } = JSON.parse(await reader.end()) as LoadOutcome
  await dropping.end()
  return size.systemCalls ? figures : { ...figures, coldReaderMBps: MBps }
}

function factors(alone: Figures, beside: Figures): Figures {
  const { p50Us, p99Us, p999Us } = alone
  if (p50Us === undefined || p99Us === undefined || p999Us === undefined) return {}
  const factor = (name: string, base: number) => (beside[name] ?? Number.NaN) / base
  return {
    p50Factor: factor('p50Us', p50Us),
    p99Factor: factor('p99Us', p99Us),
    p999Factor: factor('p999Us', p999Us),
  }
}

/** The same work on the same cores without holding the script: what a path that does not wait for it would meet. */
async function besideBusyProcess(work: () => Promise<Figures>): Promise<Figures> {
  const program = join(REPOSITORY, 'bench/compare/busy.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', program], { stdio: 'inherit', cwd: REPOSITORY })
  await pause(SETTLE_MS)
  return work().finally(() => child.kill())
}

async function insideBusyScript(peer: RunningPeer, work: () => Promise<Figures>): Promise<Figures> {
  process.kill(peer.pid, 'SIGUSR2')
  return work().finally(() => process.kill(peer.pid, 'SIGUSR2'))
}
