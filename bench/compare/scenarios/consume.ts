// How records get out: from the start, warm and cold, at the tail, to many groups, from many partitions.

import { type CountedOptions, countedLoad, meteredLoad } from '../metered.js'
import { evict, type LoadOptions, runLoad } from '../native-tools.js'
import type { RunningPeer } from '../peers.js'
import { type Figures, type Scenario, scaled } from '../scenario.js'
import { FOUR, KB } from './produce.js'

/** More than the processor's caches, less than the page cache of any machine. */
const WARM_BATCHES = 8_000
const COLD_BATCHES = 32_000
const MANY = 1_000

export const CONSUME_SCENARIOS: readonly Scenario[] = [
  fromStart('consume-64-KB', 64 * KB, 150_000),
  fromStart('consume-256-KB', 256 * KB, 60_000),
  {
    name: 'consume-cold',
    driver: 'native',
    question:
      'How fast does the broker give out what is no longer in the page cache? (posix_fadvise DONTNEED on every segment)',
    async run(peer, size) {
      await fill(peer, { ...FOUR, batch: 64 * KB, requests: scaled(COLD_BATCHES, size, 4_000) })
      const load = {
        mode: 'consume',
        ...FOUR,
        max_bytes: 256 * KB,
        discard: 1,
        wrap: 0,
        warm: 0,
        seconds: 120,
      }
      // Once warm, for the compilers; then what is measured is the disk and not the first fetch of a process.
      await runLoad(peer.bootstrap, load)
      const residentShare = await evict(peer.directory)
      return { ...(await meteredLoad(peer, size, load)), residentShare }
    },
  },
  atTail('consume-tail', 1, 40_000),
  atTail('fan-out-10-groups', 10, 8_000),
  {
    name: 'fetch-1000-partitions',
    driver: 'native',
    question: 'What does one chunk of 1 KB cost in a fetch that brings one from each of 1,000 partitions?',
    async run(peer, size) {
      const topic = { topic: 'many', partitions: MANY }
      // Header, length and 954 bytes of value: a batch of exactly 1 KB, so that no answer carries a torn one.
      const shape = { ...topic, connections: 4, batch: 0, record: 954, distinct: 1 }
      await fill(peer, { ...shape, requests: 10 * MANY })
      const load = { mode: 'consume', ...topic, connections: 1, max_bytes: KB, requests: 3_000 }
      return perChunk(await countedLoad(peer, size, load))
    },
  },
]

function fromStart(name: string, maxBytes: number, requests: number): Scenario {
  return {
    name,
    driver: 'native',
    question: `How fast, and for how much CPU, does the broker give out ${maxBytes / KB} KB at a time from page cache?`,
    async run(peer, size) {
      await fill(peer, { ...FOUR, batch: 64 * KB, requests: WARM_BATCHES })
      const load = { mode: 'consume', ...FOUR, max_bytes: maxBytes, discard: 1, requests }
      return countedLoad(peer, size, load)
    },
  }
}

/** The rate is that of what all groups hold: what lags behind the producer is waited for. */
function atTail(name: string, groups: number, requests: number): Scenario {
  const load: CountedOptions = { mode: 'end_to_end', ...FOUR, record: 16_000, groups, consumers: 1, requests }
  return {
    name,
    driver: 'native',
    question: `How fast do ${groups} group(s) at the tail hold what one producer writes in 16 KB batches?`,
    run: (peer, size) => countedLoad(peer, size, load),
  }
}

export async function fill(peer: RunningPeer, load: LoadOptions): Promise<void> {
  await runLoad(peer.bootstrap, { mode: 'produce', ...load })
}

/** One record is one chunk here. */
function perChunk(figures: Figures): Figures {
  const { cpuSecondsPerMillionRequests, recordsPerSecond } = figures
  if (cpuSecondsPerMillionRequests === undefined || recordsPerSecond === undefined) return figures
  return { ...figures, chunksPerSecond: recordsPerSecond, cpuUsPerChunk: cpuSecondsPerMillionRequests / MANY }
}
