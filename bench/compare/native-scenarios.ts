// What the native load generator measures on a peer: the broker's own limits, with a client that costs next to
// nothing. Loads are counted in requests, so that every peer does the same work on as many fresh pages.

import { type LoadOptions, type LoadOutcome, runLoad } from './native-tools.js'
import type { RunningPeer } from './peers.js'
import type { Figures, Scenario, ScenarioSize } from './scenario.js'
import { type Usage, usageOf } from './usage.js'

const TOPIC = 'bench'
/** Size of the unmeasured load before a measured one: compilers, page cache and buffers have then seen it. */
const WARM_SHARE = 0.5
const KB = 1024

export const NATIVE_SCENARIOS: readonly Scenario[] = [
  produce('native-produce-16-KB', 'batches of 16 KB', { batch: 16 * KB, requests: 80_000 }),
  produce('native-produce-64-KB', 'batches of 64 KB', { batch: 64 * KB, requests: 32_000 }),
  produce('native-produce-one-record', 'requests of one 1 KB record over 64 connections', {
    batch: 0,
    requests: 300_000,
    connections: 64,
    in_flight: 1,
  }),
  consume('native-consume-64-KB', 64 * KB, 60_000),
  consume('native-consume-256-KB', 256 * KB, 20_000),
  endToEnd('native-end-to-end', 2_000),
]

function produce(name: string, what: string, load: LoadOptions & { readonly requests: number }): Scenario {
  return {
    name,
    driver: 'native',
    question: `How many ${what} per second does the broker take in with acks=1, and for how much CPU?`,
    run(peer, size) {
      const options = { mode: 'produce', topic: TOPIC, partitions: 4, connections: 4, acks: 1, ...load }
      return countedLoad(peer, size, options)
    },
  }
}

function consume(name: string, maxBytes: number, requests: number): Scenario {
  return {
    name,
    driver: 'native',
    question: `How fast, and for how much CPU, does the broker give out ${maxBytes / KB} KB at a time from page cache?`,
    async run(peer, size) {
      const topic = { topic: TOPIC, partitions: 4, connections: 4 }
      // Less than the page cache of any machine, and more than the processor's.
      const filling = { mode: 'produce', ...topic, batch: 64 * KB, requests: 8_000 }
      await runLoad(peer.bootstrap, filling)
      const options = { mode: 'consume', ...topic, max_bytes: maxBytes, discard: 1, requests }
      return countedLoad(peer, size, options)
    },
  }
}

function endToEnd(name: string, rate: number): Scenario {
  return {
    name,
    driver: 'native',
    question: `At ${rate} requests of one 1 KB record per second: how old is a record when a tailing fetch holds it?`,
    async run(peer, { scale }) {
      const seconds = Math.max(2, 8 * scale)
      const options = { mode: 'end_to_end', topic: TOPIC, partitions: 4, connections: 8, rate }
      await runLoad(peer.bootstrap, { ...options, warm: 0, seconds: seconds * WARM_SHARE })
      return measured(peer, { ...options, seconds })
    },
  }
}

async function countedLoad(
  peer: RunningPeer,
  { scale }: ScenarioSize,
  options: LoadOptions & { readonly requests: number },
): Promise<Figures> {
  const requests = Math.max(100, Math.round(options.requests * scale))
  await runLoad(peer.bootstrap, { ...options, requests: Math.ceil(requests * WARM_SHARE) })
  return measured(peer, { ...options, requests })
}

async function measured(peer: RunningPeer, options: LoadOptions): Promise<Figures> {
  const before = usageOf(peer.pid)
  const outcome = await runLoad(peer.bootstrap, options)
  return figuresOf(outcome, before, usageOf(peer.pid))
}

/** Latencies and rates of the load beside what the broker's process spent on it. */
export function figuresOf(outcome: LoadOutcome, before: Usage, after: Usage): Figures {
  const gigabytes = outcome.totalBytes / 1e9
  const userSeconds = after.userSeconds - before.userSeconds
  const systemSeconds = after.systemSeconds - before.systemSeconds
  return {
    MBps: outcome.MBps,
    recordsPerSecond: outcome.recordsPerSecond,
    p50Us: outcome.p50Us,
    p99Us: outcome.p99Us,
    p999Us: outcome.p999Us,
    maxUs: outcome.maxUs,
    userSecondsPerGB: userSeconds / gigabytes,
    systemSecondsPerGB: systemSeconds / gigabytes,
    cpuUsPerRequest: ((userSeconds + systemSeconds) * 1e6) / outcome.totalRequests,
    rssMB: after.residentBytes / 1e6,
    switchesPerRequest: (after.contextSwitches - before.contextSwitches) / outcome.totalRequests,
  }
}
