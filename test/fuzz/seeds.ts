// Well-formed requests of every API and version, as raw material for mutation.

import fc from 'fast-check'
import { ApiKey } from '../../src/protocol/api-key.js'
import { ProduceRequest } from '../../src/protocol/messages/produce.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import type { Draft, Schema } from '../../src/protocol/schema.js'
import { valuesOf } from '../protocol/support/arbitrary.js'
import { allSchemas, versionsOf } from '../protocol/support/schemas.js'
import { requestFrame } from '../support/wire.js'

const VALUES_PER_VERSION = 6
const SIZE_PREFIX_BYTES = 4
const UNSET_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
/** Their honest form creates topics and partitions, whose memory would hide a leak of the refused ones. */
const CREATING = new Set<number>([ApiKey.CreateTopics, ApiKey.CreatePartitions])

/** Frames without their size prefix. */
export async function seedFrames(seed: number, topic: string): Promise<Buffer[]> {
  const frames = produceFrames(topic)
  for (const schema of (await allSchemas()).values()) {
    if (schema.type !== 'request' || CREATING.has(schema.key)) continue
    for (const version of versionsOf(schema)) {
      const sample = { numRuns: VALUES_PER_VERSION, seed: seed + version }
      for (const value of fc.sample(valuesOf(schema, version), sample)) {
        frames.push(frameOf(schema, version, value as Draft<Schema>))
      }
    }
  }
  return frames
}

function produceFrames(topic: string): Buffer[] {
  const records = buildBatch([{ key: null, value: Buffer.from('fuzzed'), timestamp: 1_700_000_000_000 }])
  return versionsOf(ProduceRequest).map((version) =>
    frameOf(ProduceRequest, version, {
      ...{ transactionalId: null, acks: 1, timeoutMs: 1000 },
      topicData: [{ name: topic, topicId: UNSET_ID, partitionData: [{ index: 0, records }] }],
    }),
  )
}

function frameOf<S extends Schema>(schema: S, version: number, value: Draft<S>): Buffer {
  return requestFrame(schema, version, value).subarray(SIZE_PREFIX_BYTES)
}
