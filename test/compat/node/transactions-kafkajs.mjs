// The transactions scenario with kafkajs: BOOTSTRAP TOPIC GROUP, see checks/32-transactions-clients.sh.
import kafkajs from 'kafkajs'

const [bootstrap, topic, group] = process.argv.slice(2)
const kafka = new kafkajs.Kafka({
  clientId: 'compat',
  brokers: [bootstrap],
  logLevel: kafkajs.logLevel.ERROR,
  logCreator: () => (entry) => console.error(JSON.stringify(entry)),
})
const READ_TIMEOUT_MS = 30_000

const admin = kafka.admin()
await admin.connect()
await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] })
// Offsets in a transaction are not tried again while the coordinator of the group loads for the first time.
await admin.fetchOffsets({ groupId: group, topics: [topic] })

async function newProducer() {
  const producer = kafka.producer({
    transactionalId: `${group}-id`,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  return producer
}

const send = (transaction, values) =>
  transaction.send({ topic, acks: -1, messages: values.map((value) => ({ value })) })
const offsets = (transaction, offset) =>
  transaction.sendOffsets({
    consumerGroupId: group,
    topics: [{ topic, partitions: [{ partition: 0, offset: String(offset) }] }],
  })

// Until the record that was written last, which nothing aborts.
async function read(readUncommitted, last) {
  const consumer = kafka.consumer({ groupId: `${group}-${readUncommitted}-${last}`, readUncommitted })
  const values = []
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`read ${values} and no more`)), READ_TIMEOUT_MS)
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        values.push(message.value.toString())
        if (values.at(-1) !== last) return
        clearTimeout(timer)
        resolve()
      },
    })
  })
  await consumer.disconnect()
  return values
}

const first = await newProducer()
let transaction = await first.transaction()
await send(transaction, ['committed-1', 'committed-2'])
await offsets(transaction, 2)
await transaction.commit()
transaction = await first.transaction()
await send(transaction, ['aborted-1', 'aborted-2'])
await offsets(transaction, 5)
await transaction.abort()
transaction = await first.transaction()
await send(transaction, ['mark'])
await transaction.commit()
const facts = { client: 'kafkajs', committed: await read(false, 'mark'), all: await read(true, 'mark') }
const [{ partitions }] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
facts.offset = Number(partitions[0].offset)
transaction = await first.transaction()
await send(transaction, ['zombie'])
const second = await newProducer()
const next = await second.transaction()
facts.fenced = await transaction.commit().then(
  () => false,
  (error) => {
    console.error(`the zombie was told: ${error.message}`)
    return true
  },
)
await send(next, ['second'])
await next.commit()
facts.final = await read(false, 'second')
console.log(JSON.stringify(facts))
process.exit(0)
