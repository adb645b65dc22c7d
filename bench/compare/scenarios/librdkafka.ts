// What librdkafka's own performance tool measures on a peer: the client under most languages but Java.

import { rdkafkaConsume, rdkafkaProduce } from '../librdkafka.js'
import { metered } from '../metered.js'
import { awaitTopic } from '../native-tools.js'
import { partOf, type Scenario, scaled } from '../scenario.js'

export const LIBRDKAFKA_SCENARIOS: readonly Scenario[] = [
  produceThenConsume('librdkafka-100-B-acks-1', 100, 5_000_000, '1'),
  produceThenConsume('librdkafka-1-KB-acks-all', 1_000, 2_000_000, '-1'),
]

function produceThenConsume(name: string, recordBytes: number, records: number, acks: string): Scenario {
  return {
    name,
    driver: 'librdkafka',
    question: `How fast, and for how much CPU, are ${recordBytes}-byte records of librdkafka's tool taken in and given out?`,
    async run(peer, size) {
      const load = { topic: 'bench', partitions: 4, records: scaled(records, size), recordBytes, acks }
      const bytes = load.records * recordBytes
      await awaitTopic(peer.bootstrap, { topic: load.topic, partitions: load.partitions })
      const produced = await metered(
        peer,
        size,
        () => rdkafkaProduce(peer.bootstrap, load),
        () => ({ bytes }),
      )
      const consumed = await metered(
        peer,
        size,
        () => rdkafkaConsume(peer.bootstrap, load),
        () => ({ bytes }),
      )
      const figuresOf = ({ result, cost }: typeof produced) =>
        size.systemCalls ? cost : { ...result, ...cost }
      return { ...partOf('produce', figuresOf(produced)), ...partOf('consume', figuresOf(consumed)) }
    },
  }
}
