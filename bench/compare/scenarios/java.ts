// What Kafka's own tools measure on a peer.

import { consumerPerformance, createTopic, endToEnd, producerPerformance } from '../java-tools.js'
import { metered } from '../metered.js'
import { type Figures, partOf, type Scenario, scaled } from '../scenario.js'

export const JAVA_SCENARIOS: readonly Scenario[] = [
  produceThenConsume('java-100-B-acks-1', 100, 5_000_000, ['acks=1', 'enable.idempotence=false']),
  produceThenConsume('java-1-KB-acks-all', 1_000, 2_000_000, ['acks=all', 'linger.ms=5', 'batch.size=65536']),
  produceThenConsume('java-10-KB-lz4-acks-all', 10_000, 200_000, [
    'acks=all',
    'linger.ms=5',
    'batch.size=65536',
    'compression.type=lz4',
  ]),
  {
    name: 'java-end-to-end',
    driver: 'java',
    question: 'At 5,000 records/s of 1 KB, acks=1: how old is a record when its consumer holds it?',
    async run(peer, size) {
      await createTopic(peer.bootstrap, 'latency', 1)
      const seconds = Math.max(4, Math.round(15 * size.scale))
      const load = { topic: 'latency', ratePerSecond: 5_000, seconds, recordBytes: 1_000, acks: '1' }
      const bytes = load.ratePerSecond * load.recordBytes * seconds
      const { result, cost } = await metered(
        peer,
        size,
        () => endToEnd(peer.bootstrap, load),
        () => ({ bytes }),
      )
      if (size.systemCalls) return cost
      const { p50, p90, p99, p999, p9999, max } = result
      return { p50Us: p50, p90Us: p90, p99Us: p99, p999Us: p999, p9999Us: p9999, maxUs: max, ...cost }
    },
  },
]

function produceThenConsume(
  name: string,
  recordBytes: number,
  records: number,
  properties: readonly string[],
): Scenario {
  return {
    name,
    driver: 'java',
    question: `How fast, and for how much CPU, are ${recordBytes}-byte records of Kafka's own tools taken in and given out?`,
    async run(peer, size) {
      const count = scaled(records, size)
      const bytes = count * recordBytes
      const load = { topic: 'bench', records: count, recordBytes, properties }
      await createTopic(peer.bootstrap, load.topic, 4)
      const produced = await metered(
        peer,
        size,
        () => producerPerformance(peer.bootstrap, load),
        () => ({ bytes }),
      )
      const consumed = await metered(
        peer,
        size,
        () => consumerPerformance(peer.bootstrap, load.topic, count),
        () => ({ bytes }),
      )
      const rates = (bytesPerSecond: number): Figures => ({
        MBps: bytesPerSecond / 1e6,
        recordsPerSecond: bytesPerSecond / recordBytes,
      })
      const { bytesPerSecond, ...latencies } = produced.result
      const timed = size.systemCalls ? {} : { ...rates(bytesPerSecond), ...latencies }
      const taken = size.systemCalls ? {} : rates(consumed.result.bytesPerSecond)
      return {
        ...partOf('produce', { ...timed, ...produced.cost }),
        ...partOf('consume', { ...taken, ...consumed.cost }),
      }
    },
  }
}
