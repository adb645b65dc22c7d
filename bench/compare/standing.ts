// What a broker costs that has nothing to do, and what a start has cost it.

import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { awaitTopic, type LoadOptions } from './native-tools.js'
import type { RunningPeer } from './peers.js'
import type { Figures } from './scenario.js'
import { usageOf } from './usage.js'

/** Readiness as the broker's log says it, and the first answer for every partition, which is what a client waits for. */
export async function started(peer: RunningPeer, topic: LoadOptions): Promise<Figures> {
  const records = await awaitTopic(peer.bootstrap, topic)
  const answeredMs = performance.now() - peer.startedAtMs
  const { userSeconds, systemSeconds, residentBytes } = usageOf(peer.pid)
  return {
    readyMs: peer.readyMs,
    answeredMs,
    cpuSeconds: userSeconds + systemSeconds,
    records,
    rssMB: residentBytes / 1e6,
    descriptors: readdirSync(`/proc/${peer.pid}/fd`).length,
  }
}

/** What starting left to do is no part of idling, so as long again is waited first. */
export async function idling(peer: RunningPeer, seconds: number): Promise<Figures> {
  await pause(seconds * 1_000)
  const before = usageOf(peer.pid)
  await pause(seconds * 1_000)
  const after = usageOf(peer.pid)
  const cpuSeconds = after.userSeconds + after.systemSeconds - before.userSeconds - before.systemSeconds
  return {
    idleRssMB: after.residentBytes / 1e6,
    idleCpuMsPerSecond: (cpuSeconds * 1_000) / seconds,
    idleSwitchesPerSecond: (after.contextSwitches - before.contextSwitches) / seconds,
  }
}
