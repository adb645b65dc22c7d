import { createLogger } from '../../src/base/logger.js'
import { type EmbeddedOptions, type RunningBroker, startBroker } from '../../src/index.js'
import * as calls from '../support/calls.js'
import { batchOf, textsOf } from '../support/records.js'
import { readResponse, requestFrame } from '../support/wire.js'
import { WireClient } from '../support/wire-client.js'

const logger = process.env.MILLRACE_TEST_LOG ? { logger: createLogger({ name: 'test', level: 'debug' }) } : {}

export function start(options: EmbeddedOptions = {}): Promise<RunningBroker> {
  return startBroker({ ...logger, ...options })
}

/** Runs the body with a broker of its own and one connection to it, and closes both whatever happens. */
export async function withBroker(
  body: (client: WireClient, broker: RunningBroker) => Promise<void>,
  options: EmbeddedOptions = {},
): Promise<void> {
  const broker = await start(options)
  const client = await WireClient.open(broker.bootstrap)
  try {
    await body(client, broker)
  } finally {
    client.close()
    await broker.stop()
  }
}

export function newTopic(name: string, numPartitions = 1, configs: Record<string, string> = {}) {
  return {
    name,
    numPartitions,
    replicationFactor: 1,
    assignments: [],
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  }
}

export async function createTopic(client: WireClient, name: string, numPartitions = 1): Promise<string> {
  const { topics } = await client.call(calls.createTopics, 7, { topics: [newTopic(name, numPartitions)] })
  const [topic] = topics
  if (topic?.errorCode !== 0) throw new Error(`topic was not created: ${topic?.errorMessage}`)
  return topic.topicId
}

export interface Produced {
  readonly errorCode: number
  readonly baseOffset: number
}

export async function produce(
  client: WireClient,
  topic: string,
  records: Buffer,
  { acks = -1, index = 0, version = 9 } = {},
): Promise<Produced> {
  const answer = await client.call(calls.produce, version, {
    transactionalId: null,
    acks,
    timeoutMs: 5000,
    topicData: [{ name: topic, partitionData: [{ index, records }] }],
  })
  const [partition] = answer.responses[0]?.partitionResponses ?? []
  return { errorCode: partition?.errorCode ?? -99, baseOffset: partition?.baseOffset ?? -99 }
}

export function produceTexts(client: WireClient, topic: string, values: readonly string[], index = 0) {
  return produce(client, topic, batchOf(values), { index })
}

export interface Fetched {
  readonly errorCode: number
  readonly highWatermark: number
  readonly records: [number, string][]
}

export async function fetchTexts(
  client: WireClient,
  topic: string,
  options: FetchOptions = {},
): Promise<Fetched> {
  const { bytes, ...rest } = await fetchBytes(client, topic, options)
  return { ...rest, records: textsOf(bytes) }
}

export interface FetchOptions {
  readonly offset?: number
  readonly index?: number
  readonly maxWaitMs?: number
  readonly minBytes?: number
  readonly maxBytes?: number
  readonly version?: number
}

/** A fetch of one partition by name, decoded from the raw frame because record bytes are not copied. */
export async function fetchBytes(
  client: WireClient,
  topic: string,
  { offset = 0, index = 0, maxWaitMs = 0, minBytes = 1, maxBytes = 1 << 20, version = 11 }: FetchOptions = {},
): Promise<Omit<Fetched, 'records'> & { readonly bytes: Buffer }> {
  const [request, response] = calls.fetchRecords
  client.write(
    requestFrame(request, version, {
      replicaId: -1,
      maxWaitMs,
      minBytes,
      maxBytes,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic,
          partitions: [
            {
              partition: index,
              currentLeaderEpoch: -1,
              fetchOffset: offset,
              logStartOffset: -1,
              partitionMaxBytes: maxBytes,
            },
          ],
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    }),
  )
  const frame = await client.next()
  if (frame === null) throw new Error('connection closed')
  const { body } = readResponse(response, version, frame)
  const [partition] = body.responses[0]?.partitions ?? []
  const range = partition?.records ?? null
  const bytes =
    range === null ? Buffer.alloc(0) : frame.subarray(range.position, range.position + range.length)
  return {
    errorCode: partition?.errorCode ?? body.errorCode,
    highWatermark: partition?.highWatermark ?? -1,
    bytes,
  }
}
