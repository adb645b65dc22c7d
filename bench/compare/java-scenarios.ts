// What Kafka's own tools measure on a peer.

import { consumerPerformance, createTopic, endToEnd, producerPerformance } from './java-tools.js'
import type { Scenario } from './scenario.js'
import { usageOf } from './usage.js'

const IDLE_SETTLE_MS = 2_000
const GIGABYTE = 1e9

const produceThenConsume = (
  name: string,
  recordBytes: number,
  records: number,
  properties: string[],
): Scenario => ({
  name,
  driver: 'java',
  question: `How fast, and for how much CPU, are ${recordBytes}-byte records taken in and given out?`,
  async run(peer, { scale }) {
    const topic = 'bench'
    const count = Math.round(records * scale)
    await createTopic(peer.bootstrap, topic, 4)
    const before = usageOf(peer.pid)
    const load = { topic, records: count, recordBytes, properties }
    const produced = await producerPerformance(peer.bootstrap, load)
    const between = usageOf(peer.pid)
    const consumed = await consumerPerformance(peer.bootstrap, topic, count)
    const after = usageOf(peer.pid)
    const gigabytes = (count * recordBytes) / GIGABYTE
    return {
      produceMBps: produced.bytesPerSecond / 1e6,
      produceRecordsPerSecond: produced.bytesPerSecond / recordBytes,
      produceP99Ms: produced.p99Ms,
      produceCpuSecondsPerGB: (cpu(between) - cpu(before)) / gigabytes,
      consumeMBps: consumed.bytesPerSecond / 1e6,
      consumeCpuSecondsPerGB: (cpu(after) - cpu(between)) / gigabytes,
      loadedRssMB: after.residentBytes / 1e6,
      contextSwitchesPerMB: (after.contextSwitches - before.contextSwitches) / (2_000 * gigabytes),
    }
  },
})

const cpu = (usage: { userSeconds: number; systemSeconds: number }): number =>
  usage.userSeconds + usage.systemSeconds

const start: Scenario = {
  name: 'start',
  driver: 'java',
  question:
    'How long from the start of the process to readiness, and how much memory does an idle broker hold?',
  async run(peer) {
    await new Promise((wake) => setTimeout(wake, IDLE_SETTLE_MS))
    return { readyMs: peer.readyMs, idleRssMB: usageOf(peer.pid).residentBytes / 1e6 }
  },
}

const latency: Scenario = {
  name: 'latency',
  driver: 'java',
  question: 'At 5,000 records/s of 1 KB, acks=1: how old is a record when its consumer holds it?',
  async run(peer, { scale }) {
    await createTopic(peer.bootstrap, 'latency', 1)
    const seconds = Math.max(4, Math.round(15 * scale))
    const load = { topic: 'latency', ratePerSecond: 5_000, seconds, recordBytes: 1_000, acks: '1' }
    const before = usageOf(peer.pid)
    const { p50, p99, p999, max } = await endToEnd(peer.bootstrap, load)
    const cpuSeconds = cpu(usageOf(peer.pid)) - cpu(before)
    return { p50Us: p50, p99Us: p99, p999Us: p999, maxUs: max, cpuSeconds }
  },
}

export const JAVA_SCENARIOS: readonly Scenario[] = [
  start,
  produceThenConsume('100-byte-records-acks-1', 100, 5_000_000, ['acks=1', 'enable.idempotence=false']),
  produceThenConsume('1-KB-records-acks-all', 1_000, 2_000_000, [
    'acks=all',
    'linger.ms=5',
    'batch.size=65536',
  ]),
  latency,
]
