// The transactions scenario with @platformatic/kafka: BOOTSTRAP TOPIC GROUP, see checks/32-transactions-clients.sh.
// Its consumer gives out what was aborted, whatever the isolation, so another has to tell what is committed.
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'

const [bootstrap, topic, group] = process.argv.slice(2)
const connection = { clientId: 'compat', bootstrapBrokers: [bootstrap] }
const READ_TIMEOUT_MS = 30_000

const admin = new Admin(connection)
await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })

// Without an identity that stands for none it claims to have been producer 0, and is refused where that is another.
const newProducer = () =>
  new Producer({
    ...connection,
    producerId: -1n,
    producerEpoch: -1,
    transactionalId: `${group}-id`,
    idempotent: true,
    retries: 3,
    serializers: stringSerializers,
  })

const send = (transaction, values) =>
  transaction.send({ messages: values.map((value) => ({ topic, partition: 0, value })) })

// Until the record that was written last, which nothing aborts. `each` is given every message.
async function read(last, groupId, each = async () => {}) {
  const consumer = new Consumer({
    ...connection,
    groupId,
    isolationLevel: 'READ_UNCOMMITTED',
    deserializers: stringDeserializers,
  })
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'earliest',
    autocommit: false,
    maxWaitTime: 200,
  })
  const values = []
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`read ${values} and no more`)), READ_TIMEOUT_MS)
    stream.on('error', reject)
    stream.on('data', async (message) => {
      values.push(message.value)
      if (message.value !== last) return
      clearTimeout(timer)
      await each(consumer, message).then(resolve, reject)
    })
  })
  await consumer.close(true)
  return values
}

const first = newProducer()
let transaction = await first.beginTransaction()
await send(transaction, ['committed-1', 'committed-2'])
await transaction.commit()
// The offset of a message is one of a member of the group.
await read('committed-2', group, async (consumer, message) => {
  for (const outcome of ['commit', 'abort']) {
    transaction = await first.beginTransaction()
    await transaction.addConsumer(consumer)
    await transaction.addOffset(outcome === 'commit' ? message : { ...message, offset: message.offset + 3n })
    if (outcome === 'abort') await send(transaction, ['aborted-1', 'aborted-2'])
    await transaction[outcome]()
  }
})
const facts = { client: '@platformatic/kafka' }
const [{ topics }] = await admin.listConsumerGroupOffsets({
  groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: [0] }] }],
})
facts.offset = Number(topics[0].partitions[0].committedOffset)
transaction = await first.beginTransaction()
await send(transaction, ['zombie'])
const second = newProducer()
const next = await second.beginTransaction()
facts.fenced = await transaction.commit().then(
  () => false,
  (error) => {
    console.error(`the zombie was told: ${error.message}`)
    return true
  },
)
await send(next, ['second'])
await next.commit()
facts.all = await read('second', `${group}-all`)
console.log(JSON.stringify(facts))
process.exit(0)
