// Goal: a compacted topic keeps the last value of every key through rounds, restarts and codecs, over a socket.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import * as codec from '../../src/codec/codec.js'
import { replaceRecords } from '../../src/log/restamp.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { type DecodedRecord, readBatch } from '../../src/protocol/records/batch-reader.js'
import * as calls from '../support/calls.js'
import { WireClient } from '../support/wire-client.js'
import { fetchBytes, newTopic, produce, start } from './fixture.js'

const SETTINGS = {
  'log.cleaner.backoff.ms': '100',
  'log.cleaner.min.cleanable.ratio': '0.01',
  'log.cleaner.threads': '2',
  'log.cleaner.dedupe.buffer.size': '1048576',
}

async function batch(
  codecId: number,
  records: readonly (readonly [string, string | null])[],
): Promise<Buffer> {
  const plain = buildBatch(
    records.map(([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestamp: Date.now(),
    })),
  )
  if (codecId === 0) return plain
  return replaceRecords(
    plain,
    await codec.compress(codecId, plain.subarray(header.BATCH_HEADER_SIZE)),
    codecId,
  )
}

/** One fetch: its records from `offset` on, and where the next one begins. */
async function recordsFrom(client: WireClient, topic: string, offset: number) {
  const { bytes, errorCode } = await fetchBytes(client, topic, { offset })
  assert.equal(errorCode, 0)
  const records: DecodedRecord[] = []
  let next = offset
  for (let at = 0; ; ) {
    const end = header.batchEnd(bytes, at, bytes.length)
    if (end < 0) return { records, next }
    const codecId = header.codecId(bytes, at)
    const stored = bytes.subarray(at + header.BATCH_HEADER_SIZE, end)
    const plain = codecId === 0 ? stored : await codec.decompress(codecId, stored, 1 << 20)
    for (const record of readBatch(bytes, at, plain)) if (record.offset >= offset) records.push(record)
    next = header.lastOffset(bytes, at) + 1
    at = end
  }
}

/** The last offset and value of each key. */
async function contents(client: WireClient, topic: string): Promise<Map<string, [number, string | null]>> {
  const found = new Map<string, [number, string | null]>()
  for (let offset = 0; ; ) {
    const { records, next } = await recordsFrom(client, topic, offset)
    for (const record of records) {
      found.set(String(record.key), [record.offset, record.value?.toString() ?? null])
    }
    if (next === offset) return found
    offset = next
  }
}

/** The broker says so itself: the checkpoint of the cleaner. */
async function cleanedUpTo(dataDir: string, topic: string, offset: number): Promise<void> {
  for (;;) {
    const text = await readFile(`${dataDir}/cleaner-offset-checkpoint`, 'utf8').catch(() => '')
    const line = text.split('\n').find((each) => each.startsWith(`${topic} 0 `))
    if (line !== undefined && Number(line.split(' ')[2]) >= offset) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

for (const codecId of [0, 1, 2, 3, 4]) {
  test(`the last value of every key stays, codec ${codecId}`, { timeout: 120_000 }, async () => {
    const dataDir = await mkdtemp(`${tmpdir()}/millrace-e2e-`)
    let broker = await start({ dataDir, overrides: SETTINGS })
    let client = await WireClient.open(broker.bootstrap)
    try {
      const settings = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '4096' }
      await client.call(calls.createTopics, 7, { topics: [newTopic('c', 1, settings)] })
      let end = 0
      for (let round = 0; round < 60; round++) {
        const records = Array.from({ length: 20 }, (_, i): [string, string] => {
          const key = `k${(round * 7 + i) % 50}`
          return [key, `${key}:${createHash('sha256').update(`${round} ${i}`).digest('hex')}`]
        })
        const { errorCode, baseOffset } = await produce(client, 'c', await batch(codecId, records))
        assert.equal(errorCode, 0)
        end = baseOffset + records.length
      }
      const expected = await contents(client, 'c')
      assert.equal(expected.size, 50)
      await cleanedUpTo(dataDir, 'c', end - 200)
      assert.deepEqual(await contents(client, 'c'), expected)
      const { records } = await recordsFrom(client, 'c', 0)
      assert.ok((records[0]?.offset ?? 0) > 100, 'the first records are gone')
      client.close()
      await broker.stop()
      const names = await readdir(`${dataDir}/c-0`)
      assert.deepEqual(
        names.filter((name) => /\.(cleaned|swap)$/.test(name)),
        [],
      )
      broker = await start({ dataDir, overrides: SETTINGS })
      client = await WireClient.open(broker.bootstrap)
      assert.deepEqual(await contents(client, 'c'), expected)
    } finally {
      client.close()
      await broker.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  })
}
