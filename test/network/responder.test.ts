import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTBOX_RESERVE } from '../../src/native/engine.js'
import { Responder } from '../../src/network/responder.js'
import { FetchResponse } from '../../src/protocol/messages/fetch.js'
import { ListGroupsResponse } from '../../src/protocol/messages/list-groups.js'
import type { FileRange } from '../../src/protocol/slice-parts.js'
import { RecordingEngine } from '../support/recording-engine.js'
import { readResponse } from '../support/wire.js'

const target = (apiKey: number, apiVersion: number) => ({
  connection: 1,
  sequence: 0,
  apiKey,
  apiVersion,
  correlationId: 7,
})

const longList = {
  errorCode: 0,
  groups: Array.from({ length: 5000 }, (_, i) => ({
    groupId: `group-number-${i}`,
    protocolType: 'consumer',
  })),
}

test('a reply that outgrows the outbox leaves whole from the heap', () => {
  const engine = new RecordingEngine()
  new Responder(engine.asEngine()).send(target(16, 2), ListGroupsResponse, longList)
  const { bytes } = engine.sent[0] as { bytes: Buffer }
  assert.ok(bytes.length > OUTBOX_RESERVE)
  assert.equal(bytes.readInt32BE() + 4, bytes.length)
  const { body, rest } = readResponse(ListGroupsResponse, 2, bytes.subarray(4))
  assert.deepEqual([body.groups.length, rest], [5000, 0])
})

test('a large reply cannot be attached: the caller learns it and the ticket is settled by an event', () => {
  const engine = new RecordingEngine()
  const responder = new Responder(engine.asEngine())
  const appends = { ticket: 5, appendCount: 1 }
  assert.equal(responder.sendAfterAppends(target(16, 2), ListGroupsResponse, longList, appends), false)
  assert.deepEqual([engine.sent, engine.awaited], [[], [5]])
})

test('slices are placed behind their length and counted in the size', () => {
  const engine = new RecordingEngine()
  const partition = (partitionIndex: number, slice: FileRange | null, length: number) => ({
    partitionIndex,
    errorCode: 0,
    highWatermark: 9,
    abortedTransactions: null,
    records: slice === null ? null : { slice, length },
  })
  const partitions = [
    partition(0, { log: 3, segment: 100, position: 7 }, 50),
    partition(1, null, 0),
    partition(2, { log: 4, segment: 0, position: 2 ** 33 }, 60),
  ]
  new Responder(engine.asEngine()).send(target(1, 4), FetchResponse, {
    throttleTimeMs: 0,
    responses: [{ topic: 't', partitions }],
  })
  const { bytes, slices } = engine.sent[0] as (typeof engine.sent)[number]
  assert.equal(bytes.readInt32BE(), bytes.length - 4 + 110)
  assert.deepEqual(
    slices.map(({ at, ...slice }) => [bytes.readInt32BE(at - 4), slice]),
    [
      [50, { log: 3, segment: 100, position: 7, length: 50 }],
      [60, { log: 4, segment: 0, position: 2 ** 33, length: 60 }],
    ],
  )
})
