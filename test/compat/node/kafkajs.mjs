// The lifecycle scenario with kafkajs.
import kafkajs from 'kafkajs'
import {
  Ledger,
  lifecycle,
  MEMBERS,
  PARTITIONS,
  range,
  wantedHeaders,
  wantedKey,
  wantedValue,
} from './ledger.mjs'

const [bootstrap, topic, group] = process.argv.slice(2)
const kafka = new kafkajs.Kafka({
  clientId: 'compat',
  brokers: [bootstrap],
  logLevel: kafkajs.logLevel.WARN,
  logCreator: () => (entry) => console.error(JSON.stringify(entry)),
})

const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }] })
await admin.disconnect()

async function produce(indexes) {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  const messages = indexes.map((index) => ({
    key: wantedKey(index),
    value: wantedValue(index),
    headers: wantedHeaders(index),
  }))
  for (let first = 0; first < messages.length; first += 100) {
    await producer.send({ topic, acks: -1, messages: messages.slice(first, first + 100) })
  }
  await producer.disconnect()
}

const ledger = new Ledger()

async function startMember(member) {
  const consumer = kafka.consumer({ groupId: group })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    ledger.own(member, payload.memberAssignment[topic] ?? [])
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      const headers = Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name, value.toString()]),
      )
      ledger.take({
        partition,
        offset: Number(message.offset),
        key: message.key.toString(),
        value: message.value.toString(),
        headers,
      })
    },
  })
  return consumer
}

// Disconnecting commits what was resolved and leaves the group.
async function members() {
  const consumers = await Promise.all(range(0, MEMBERS).map(startMember))
  return () => Promise.all(consumers.map((consumer) => consumer.disconnect()))
}

await lifecycle({ client: 'kafkajs', ledger, produce, members })
