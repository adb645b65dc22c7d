// The lifecycle scenario with @platformatic/kafka. A third argument chooses the group protocol.
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
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

const [bootstrap, topic, group, groupProtocol = 'classic'] = process.argv.slice(2)
const connection = { clientId: 'compat', bootstrapBrokers: [bootstrap] }

const admin = new Admin(connection)
await admin.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: 1 })
await admin.close()

async function produce(indexes) {
  const producer = new Producer({ ...connection, idempotent: true, serializers: stringSerializers })
  const messages = indexes.map((index) => ({
    topic,
    key: wantedKey(index),
    value: wantedValue(index),
    headers: wantedHeaders(index),
  }))
  for (let first = 0; first < messages.length; first += 100) {
    await producer.send({ messages: messages.slice(first, first + 100) })
  }
  await producer.close()
}

const ledger = new Ledger()

async function startMember(member) {
  const consumer = new Consumer({
    ...connection,
    groupId: group,
    groupProtocol,
    deserializers: stringDeserializers,
  })
  const report = () => {
    ledger.own(
      member,
      (consumer.assignments ?? []).flatMap((assignment) => assignment.partitions),
    )
  }
  consumer.on('consumer:group:join', report)
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
    maxWaitTime: 500,
  })
  // The consumer protocol gives and takes partitions without a new join.
  const reporter = setInterval(report, 20)
  const commits = new Set()
  stream.on('data', (message) => {
    ledger.take({
      partition: message.partition,
      offset: Number(message.offset),
      key: message.key,
      value: message.value,
      headers: Object.fromEntries(message.headers),
    })
    const commit = message.commit()
    commits.add(commit)
    commit.then(() => commits.delete(commit))
  })
  return async () => {
    clearInterval(reporter)
    await Promise.all(commits)
    await consumer.close(true)
  }
}

async function members() {
  const stops = await Promise.all(range(0, MEMBERS).map(startMember))
  return () => Promise.all(stops.map((stop) => stop()))
}

await lifecycle({ client: `@platformatic/kafka ${groupProtocol}`, ledger, produce, members })
