// What a broker's process spent while a load ran, divided by what the load did.

import { type LoadOptions, type LoadOutcome, runLoad } from './native-tools.js'
import type { RunningPeer } from './peers.js'
import { type Figures, type ScenarioSize, scaled } from './scenario.js'
import { handedBackMB } from './settling.js'
import { countSystemCalls } from './system-calls.js'
import { cpuSecondsBetween, type Usage, usageOf } from './usage.js'

/** Size of the unmeasured load before a measured one: compilers, page cache and buffers have then seen it. */
export const WARM_SHARE = 0.5

export interface Work {
  readonly bytes: number
  /** As the client counts them; Kafka's tools do not say. */
  readonly requests?: number
}

/** Figures of what the process did meanwhile beside the result of `work`. */
export async function metered<Result>(
  peer: RunningPeer,
  size: ScenarioSize,
  work: () => Promise<Result>,
  done: (result: Result) => Work,
): Promise<{ result: Result; cost: Figures }> {
  if (size.systemCalls) {
    const { result, calls } = await countSystemCalls(peer.pid, work)
    const { requests, bytes } = done(result)
    const perRequest = requests === undefined ? {} : { systemCallsPerRequest: calls / requests }
    return { result, cost: { systemCallsPerMB: calls / (bytes / 1e6), ...perRequest } }
  }
  const before = usageOf(peer.pid)
  const handedBackBefore = handedBackMB()
  const result = await work()
  const after = usageOf(peer.pid)
  return { result, cost: { ...costOf(done(result), before, after), ...handedBackSince(handedBackBefore) } }
}

/** Explains a stall of the whole machine in this part. */
function handedBackSince(before: number | undefined): Figures {
  const after = handedBackMB()
  return before === undefined || after === undefined ? {} : { handedBackMB: after - before }
}

export function costOf({ bytes, requests }: Work, before: Usage, after: Usage): Figures {
  const cpu = cpuSecondsBetween(before, after)
  const ticks = after.userSeconds - before.userSeconds + after.systemSeconds - before.systemSeconds
  const user = ticks === 0 ? 0 : (cpu * (after.userSeconds - before.userSeconds)) / ticks
  const switches = after.contextSwitches - before.contextSwitches
  const gigabytes = bytes / 1e9
  const perRequest = (count: number): Figures => ({
    userSecondsPerMillionRequests: user / (count / 1e6),
    systemSecondsPerMillionRequests: (cpu - user) / (count / 1e6),
    cpuSecondsPerMillionRequests: cpu / (count / 1e6),
    switchesPerRequest: switches / count,
  })
  return {
    userSecondsPerGB: user / gigabytes,
    systemSecondsPerGB: (cpu - user) / gigabytes,
    cpuSecondsPerGB: cpu / gigabytes,
    ...(requests === undefined ? { switchesPerMB: switches / (bytes / 1e6) } : perRequest(requests)),
    rssMB: after.residentBytes / 1e6,
  }
}

/** One run of the native generator, metered. */
export async function meteredLoad(
  peer: RunningPeer,
  size: ScenarioSize,
  options: LoadOptions,
): Promise<Figures> {
  const { result, cost } = await metered(
    peer,
    size,
    () => runLoad(peer.bootstrap, options),
    ({ totalBytes, totalRequests }) => ({ bytes: totalBytes, requests: totalRequests }),
  )
  return size.systemCalls ? cost : { ...ratesOf(result), ...cost }
}

export type CountedOptions = LoadOptions & { readonly requests: number }

/** Warmed with half of its size; counted, so that every peer does the same work on as many fresh pages. */
export async function countedLoad(
  peer: RunningPeer,
  size: ScenarioSize,
  options: CountedOptions,
): Promise<Figures> {
  const requests = scaled(options.requests, size)
  await runLoad(peer.bootstrap, { ...options, requests: Math.ceil(requests * WARM_SHARE) })
  return meteredLoad(peer, size, { ...options, requests })
}

export type PacedOptions = LoadOptions & { readonly rate: number; readonly seconds: number }

/** An open loop: latencies count from the moment a request was due. */
export async function pacedLoad(
  peer: RunningPeer,
  size: ScenarioSize,
  options: PacedOptions,
): Promise<Figures> {
  const seconds = Math.max(2, options.seconds * size.scale)
  await runLoad(peer.bootstrap, { ...options, warm: 0, seconds: seconds * WARM_SHARE })
  return meteredLoad(peer, size, { ...options, warm: 0, seconds })
}

export function ratesOf(outcome: LoadOutcome): Figures {
  const { MBps, recordsPerSecond, requestsPerSecond, clientCpuSeconds } = outcome
  const { p50Us, p90Us, p99Us, p999Us, p9999Us, maxUs, late_p99Us: lateP99Us } = outcome
  const late = lateP99Us === undefined ? {} : { lateP99Us }
  const latency = { p50Us, p90Us, p99Us, p999Us, p9999Us, maxUs, ...late }
  return { MBps, recordsPerSecond, requestsPerSecond, ...latency, clientCpuSeconds }
}
