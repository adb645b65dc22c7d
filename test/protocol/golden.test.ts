// Goal: bytes that came from real clients. Frames were recorded from each client talking to a stub, the message
// bodies were written by Kafka's own generated classes. All must decode, and encode back to the same bytes.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ApiKey } from '../../src/protocol/api-key.js'
import { decode, encode } from '../../src/protocol/compile.js'
import { beginRequest, decodeRequestHeader, endFrame, RequestHeaderView } from '../../src/protocol/headers.js'
import { ProduceRequest } from '../../src/protocol/messages/produce.js'
import { Reader, Writer } from '../../src/protocol/primitives.js'
import * as batchHeader from '../../src/protocol/records/batch-header.js'
import { readBatch } from '../../src/protocol/records/batch-reader.js'
import { crc32c } from '../../src/protocol/records/crc32c.js'
import type { Draft, Schema } from '../../src/protocol/schema.js'
import { allSchemas } from './support/schemas.js'

/** `trailing` counts bytes after the message, which some clients send and a broker ignores. */
type Frame = { api: keyof typeof ApiKey; version: number; trailing?: number; hex: string }
type Body = { schema: string; version: number; hex: string }

const directory = new URL('golden/', import.meta.url)
const BODIES = 'kafka-message-classes.json'
const schemas = await allSchemas()

for (const file of readdirSync(directory)) {
  if (file === BODIES) continue
  const { client, clientVersion, frames } = load<Frame>(file)
  test(`requests of ${client} ${clientVersion}`, () => {
    for (const frame of frames) checkFrame(frame)
  })
}

test('message bodies written by the reference implementation', () => {
  for (const { schema: name, version, hex } of load<Body>(BODIES).frames) {
    const schema = schemas.get(name) as Schema
    const bytes = Buffer.from(hex, 'hex')
    const reader = new Reader(bytes)
    const value = decode(schema, version, reader)
    assert.equal(reader.remaining, 0, `${name} v${version}`)
    const writer = new Writer(16).reset()
    encode(schema, version, writer, value as Draft<Schema>)
    assert.equal(writer.bytesWritten().toString('hex'), hex, `${name} v${version}`)
  }
})

test('every batch a client sends is read back record by record', () => {
  const batches = readdirSync(directory)
    .filter((file) => file !== BODIES)
    .flatMap((file) => load<Frame>(file).frames.filter(({ api }) => api === 'Produce'))
    .map((frame) => batchOf(frame))
  assert.ok(batches.length >= 7)
  for (const batch of batches) {
    assert.equal(batchHeader.crc(batch, 0), crc32c(batch, batchHeader.BatchField.attributes))
    const records = [...readBatch(batch)]
    assert.deepEqual(
      records.map(({ offset, value }) => ({ offset, value: value?.toString() })),
      [{ offset: 0, value: 'v' }],
    )
  }
})

function checkFrame({ api, version, trailing = 0, hex }: Frame): void {
  const what = `${api} v${version}`
  const frame = Buffer.from(hex, 'hex')
  assert.equal(frame.readInt32BE(0), frame.length - 4, what)
  const reader = new Reader().reset(frame, 4, frame.length)
  const header = new RequestHeaderView()
  decodeRequestHeader(reader, header)
  assert.deepEqual([header.apiKey, header.apiVersion], [ApiKey[api], version], what)
  const schema = schemas.get(`${api}Request`) as Schema
  // A client newer than the broker asks with an ApiVersions it does not have; only the header can be read.
  if (api === 'ApiVersions' && version > schema.last) return
  const body = decode(schema, version, reader)
  assert.equal(reader.remaining, trailing, what)
  const writer = new Writer(16).reset()
  writer.recordsSource = frame
  beginRequest(writer, header)
  encode(schema, version, writer, body as Draft<Schema>)
  endFrame(writer)
  const rewritten = writer.bytesWritten().subarray(4).toString('hex')
  assert.equal(rewritten, frame.subarray(4, frame.length - trailing).toString('hex'), what)
}

function batchOf({ hex, version }: Frame): Buffer {
  const frame = Buffer.from(hex, 'hex')
  const reader = new Reader().reset(frame, 4, frame.length)
  decodeRequestHeader(reader, new RequestHeaderView())
  const records = decode(ProduceRequest, version, reader).topicData[0]?.partitionData[0]?.records
  assert.ok(records)
  return frame.subarray(records.position, records.position + records.length)
}

function load<T>(file: string): { client: string; clientVersion: string; frames: T[] } {
  return JSON.parse(readFileSync(new URL(file, directory), 'utf8'))
}
