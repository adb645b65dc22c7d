// A compacted topic full of recurring keys, written by a plain client and left dirty until told otherwise.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SeededRandom } from '../../src/base/random.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as calls from '../../test/support/calls.js'
import type { WireClient } from '../../test/support/wire-client.js'
import type { RunningPeer } from './peers.js'

export const KEYED = 'keyed'
const BATCH_RECORDS = 64
const TOPIC_RESOURCE = 2
const SET = 0

export interface KeyedShape {
  readonly records: number
  readonly recordBytes: number
  readonly keys: number
  readonly segmentBytes: number
}

/** Nothing is cleaned before `makeDue`. */
export async function createKeyed(client: WireClient, { segmentBytes }: KeyedShape): Promise<void> {
  const configs = {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '1',
    'segment.bytes': String(segmentBytes),
  }
  const topic = {
    name: KEYED,
    numPartitions: 1,
    replicationFactor: 1,
    assignments: [],
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }
  const { topics } = await client.call(calls.createTopics, 7, { topics: [topic], timeoutMs: 30_000 })
  if (topics[0]?.errorCode !== 0) throw new Error(`the topic was not created: ${topics[0]?.errorMessage}`)
}

/** The same keys in the same order for every peer. */
export async function fillKeyed(client: WireClient, shape: KeyedShape): Promise<void> {
  const random = new SeededRandom(1)
  const value = Buffer.alloc(shape.recordBytes)
  for (let at = 0; at < value.length; at++) value[at] = random.int(256)
  for (let left = shape.records; left > 0; left -= BATCH_RECORDS) {
    const timestamp = Date.now()
    const records = Array.from({ length: Math.min(left, BATCH_RECORDS) }, () => ({
      key: Buffer.from(`key-${random.int(shape.keys)}`),
      value,
      timestamp,
    }))
    await produce(client, buildBatch(records))
  }
}

async function produce(client: WireClient, records: Buffer): Promise<void> {
  for (;;) {
    const answer = await client.call(calls.produce, 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 30_000,
      topicData: [{ name: KEYED, partitionData: [{ index: 0, records }] }],
    })
    const code = answer.responses[0]?.partitionResponses[0]?.errorCode
    if (code === 0) return
    // Kafka answers before its partitions are open.
    if (code !== 3 && code !== 6) throw new Error(`a batch was refused with ${code}`)
  }
}

/** From now on any dirty byte is worth a round. */
export async function makeDue(client: WireClient): Promise<void> {
  const configs = [{ name: 'min.cleanable.dirty.ratio', configOperation: SET, value: '0' }]
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: KEYED, configs }]
  const { responses } = await client.call(calls.incrementalAlterConfigs, 1, {
    resources,
    validateOnly: false,
  })
  if (responses[0]?.errorCode !== 0)
    throw new Error(`the topic was not changed: ${responses[0]?.errorMessage}`)
}

const folderOf = ({ directory }: RunningPeer): string => join(directory, 'data', `${KEYED}-0`)

const logsOf = (peer: RunningPeer): string[] =>
  readdirSync(folderOf(peer))
    .filter((name) => name.endsWith('.log'))
    .sort()

/** Bytes of all segments but the newest, which is never cleaned. */
export function closedBytes(peer: RunningPeer): number {
  const closed = logsOf(peer).slice(0, -1)
  return closed.reduce((sum, name) => sum + statSync(join(folderOf(peer), name)).size, 0)
}

/** By the broker's own checkpoint. */
export function isClean(peer: RunningPeer): boolean {
  const newest = Number(logsOf(peer).at(-1)?.slice(0, 20) ?? 0)
  try {
    const text = readFileSync(join(peer.directory, 'data', 'cleaner-offset-checkpoint'), 'utf8')
    const line = text.split('\n').find((each) => each.startsWith(`${KEYED} 0 `))
    return line !== undefined && Number(line.split(' ')[2]) >= newest
  } catch {
    return false
  }
}
