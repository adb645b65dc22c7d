// Question: what do the four hot messages cost to decode and encode, without dispatch and without the network?
// Unit: one message. Records fields are ranges and slices, as in the broker: record bytes are never touched.

import { decode, encode } from '../../src/protocol/compile.js'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.js'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.js'
import { Reader } from '../../src/protocol/reader.js'
import type { Draft, Infer, Schema } from '../../src/protocol/schema.js'
import { Writer } from '../../src/protocol/writer.js'
import { type MicroBench, mix, type Subject } from './harness.js'
import { fetchAnswerOf, fetchOf, produceAnswerOf, produceOf } from './messages.js'

const PRODUCE_VERSION = 9
const FETCH_VERSION = 12

export const codec: MicroBench = {
  name: 'codec',
  question: 'What does a hot message cost to decode and to encode?',
  unit: 'message',
  parameters: {
    repeats: { small: 2, real: 1_000 },
    topics: { small: 2, real: 10 },
    partitions: { small: 2, real: 10 },
    recordsBytes: { small: 100, real: 16_384 },
  },
  open({ repeats = 0, topics = 0, partitions = 0, recordsBytes = 0 }) {
    const shapes = [
      { topics: 1, partitions: 1 },
      { topics, partitions },
    ]
    const subjects = shapes.flatMap((shape) => {
      const at = `${shape.topics}x${shape.partitions}`
      const produce = { schema: ProduceRequest, version: PRODUCE_VERSION, repeats }
      const produced = { schema: ProduceResponse, version: PRODUCE_VERSION, repeats }
      const fetch = { schema: FetchRequest, version: FETCH_VERSION, repeats }
      const fetched = { schema: FetchResponse, version: FETCH_VERSION, repeats }
      return [
        decoding(
          `decode Produce v9 request ${at}`,
          produce,
          produceOf({ ...shape, recordsBytes }),
          lastProduced,
        ),
        encoding(`encode Produce v9 response ${at}`, produced, produceAnswerOf(shape)),
        decoding(`decode Fetch v12 request ${at}`, fetch, fetchOf(shape), lastFetched),
        encoding(`encode Fetch v12 response ${at}`, fetched, fetchAnswerOf({ ...shape, recordsBytes })),
      ]
    })
    return { subjects }
  },
}

interface Coding<S extends Schema> {
  readonly schema: S
  readonly version: number
  readonly repeats: number
}

const lastProduced = ({ topicData }: ProduceRequest): number => {
  const last = topicData.at(-1)?.partitionData.at(-1)
  return mix(last?.index ?? -1, last?.records?.length ?? -1)
}

const lastFetched = ({ topics }: FetchRequest): number => {
  const last = topics.at(-1)?.partitions.at(-1)
  return mix(last?.fetchOffset ?? -1, last?.partitionMaxBytes ?? -1)
}

function decoding<S extends Schema>(
  name: string,
  { schema, version, repeats }: Coding<S>,
  message: Draft<S>,
  last: (message: Infer<S>) => number,
): Subject {
  const writer = new Writer().reset()
  encode(schema, version, writer, message)
  const bytes = Buffer.from(writer.bytesWritten())
  const reader = new Reader()
  return {
    name,
    operations: repeats,
    run() {
      let hash = 0
      for (let i = 0; i < repeats; i++) {
        reader.reset(bytes, 0, bytes.length)
        hash = mix(hash, last(decode(schema, version, reader)) + reader.remaining)
      }
      return hash
    },
  }
}

function encoding<S extends Schema>(
  name: string,
  { schema, version, repeats }: Coding<S>,
  message: Draft<S>,
): Subject {
  const outbox = Buffer.alloc(1 << 20)
  const writer = new Writer()
  return {
    name,
    operations: repeats,
    run() {
      let hash = 0
      for (let i = 0; i < repeats; i++) {
        writer.reset(outbox, 0, outbox.length)
        encode(schema, version, writer, message)
        hash = mix(hash, writer.length + writer.sliceBytes)
      }
      // The bytes themselves, once.
      return outbox.subarray(0, writer.length).reduce(mix, hash)
    },
  }
}
