// Goal: transactions on real files: what readers of committed records get, before and after a kill and a clean stop,
// and the index beside each segment. A copy of the running broker's directory is what a kill leaves behind.

import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { RunningBroker } from '../../src/index.js'
import { decodeAborted } from '../../src/log/aborted-transaction.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as calls from '../support/calls.js'
import type { WireClient } from '../support/wire-client.js'
import { newTopic, produceTexts, withBroker } from './fixture.js'

/** The coordinator's side is played here. */
const overrides = { 'transaction.partition.verification.enable': false }

async function write(client: WireClient, producerId: number, sequence: number, texts: string[]) {
  const records = buildBatch(
    texts.map((text) => ({
      key: null,
      value: Buffer.from(text.padEnd(400, '.')),
      timestamp: 1_700_000_000_000,
    })),
    { producerId, producerEpoch: 0, baseSequence: sequence, transactional: true },
  )
  const answer = await client.call(calls.produce, 11, {
    transactionalId: `tx-${producerId}`,
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
  })
  return answer.responses[0]?.partitionResponses[0]?.errorCode
}

async function end(broker: RunningBroker, producerId: number, commit: boolean) {
  const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 2, commit, transactionVersion: 1 }
  const partition = broker.core.logs.partition('orders', 0)
  assert.equal((await partition?.appendMarker(marker))?.errorCode, ErrorCode.NONE)
}

async function fetchCommitted(client: WireClient, fetchOffset: number) {
  const { body } = await client.exchange(calls.fetchRecords, 11, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1 << 20,
    isolationLevel: 1,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic: 'orders',
        partitions: [{ partition: 0, fetchOffset, logStartOffset: -1, partitionMaxBytes: 1 << 20 }],
      },
    ],
    forgottenTopicsData: [],
    rackId: '',
  })
  const partition = body.responses[0]?.partitions[0]
  const aborted = partition?.abortedTransactions?.map((each) => [each.producerId, each.firstOffset])
  return { stable: partition?.lastStableOffset, high: partition?.highWatermark, aborted }
}

async function check(client: WireClient, broker: RunningBroker): Promise<void> {
  const first = await fetchCommitted(client, 0)
  assert.deepEqual([first.stable, first.high], [13, 14])
  assert.deepEqual(first.aborted?.[0], [1, 1])
  const last = await fetchCommitted(client, 9)
  assert.deepEqual(last.aborted, [[1, 10]])
  const { topics } = await client.call(calls.listOffsets, 6, {
    replicaId: -1,
    isolationLevel: 1,
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  })
  assert.equal(topics[0]?.partitions[0]?.offset, 13)
  assert.equal(await write(client, 3, 1, ['again']), ErrorCode.NONE)
  await end(broker, 3, false)
  const after = await fetchCommitted(client, 13)
  assert.deepEqual([after.stable, after.aborted], [16, [[3, 13]]])
}

async function fill(client: WireClient, broker: RunningBroker): Promise<void> {
  // Segments of a few batches, so that markers and indexes lie in several.
  const topic = newTopic('orders', 1, { 'internal.segment.bytes': '1500' })
  const created = await client.call(calls.createTopics, 7, { topics: [topic] })
  assert.equal(created.topics[0]?.errorCode, 0)
  await produceTexts(client, 'orders', ['plain'])
  assert.equal(await write(client, 1, 0, ['a', 'b']), 0)
  assert.equal(await write(client, 2, 0, ['c']), 0)
  await end(broker, 1, false)
  assert.deepEqual(await fetchCommitted(client, 0), { stable: 3, high: 5, aborted: [[1, 1]] })
  assert.equal(await write(client, 2, 1, ['d', 'e']), 0)
  await end(broker, 2, true)
  assert.equal(await write(client, 2, 3, ['f']), 0)
  await end(broker, 2, true)
  assert.equal(await write(client, 1, 2, ['g', 'h']), 0)
  await end(broker, 1, false)
  assert.equal(await write(client, 3, 0, ['i']), 0)
}

test('transactions survive a kill and a clean stop', async () => {
  const root = await mkdtemp(`${tmpdir()}/millrace-transactions-`)
  const [dataDir, killed] = [`${root}/data`, `${root}/killed`]
  try {
    await withBroker(
      async (client, broker) => {
        await fill(client, broker)
        await broker.core.logs.partition('orders', 0)?.transactionIndex.idle()
        await cp(dataDir, killed, { recursive: true })
      },
      { dataDir, overrides },
    )
    for (const directory of [dataDir, killed]) {
      await withBroker(check, { dataDir: directory, overrides })
      const indexes = await indexesOf(`${directory}/orders-0`)
      assert.deepEqual(
        indexes.flatMap((index) => index?.map((each) => [each.producerId, each.firstOffset])),
        [
          [1, 1],
          [1, 10],
          [3, 13],
        ],
      )
    }
  } finally {
    if (process.env.KEEP === undefined) await rm(root, { recursive: true, force: true })
  }
})

// One that is missing cannot be told from a segment without aborted transactions, after a clean stop.
const DAMAGES: Record<string, (bytes: Buffer) => Buffer> = {
  truncated: (bytes) => bytes.subarray(0, bytes.length - 3),
  zeroed: (bytes) => Buffer.alloc(bytes.length),
  flipped: (bytes) => bytes.map((byte, at) => (at === 1 ? byte ^ 0x10 : byte)) as Buffer,
  'of another segment': (bytes) => bytes.fill(0x01, 10, 18),
}

test('whatever becomes of an index, what was aborted stays so', async (t) => {
  const root = await mkdtemp(`${tmpdir()}/millrace-aborted-`)
  try {
    await withBroker(fill, { dataDir: `${root}/whole`, overrides })
    const indexes = (await readdir(`${root}/whole/orders-0`)).filter((name) => name.endsWith('.txnindex'))
    assert.ok(indexes.length > 1)
    for (const [kind, change] of Object.entries(DAMAGES)) {
      for (const name of indexes) {
        await t.test(`${name} ${kind}`, async () => {
          await rm(`${root}/case`, { recursive: true, force: true })
          await cp(`${root}/whole`, `${root}/case`, { recursive: true })
          const path = `${root}/case/orders-0/${name}`
          await writeFile(path, change(await readFile(path)))
          await withBroker(check, { dataDir: `${root}/case`, overrides })
        })
      }
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})

async function indexesOf(directory: string) {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.txnindex')).sort()
  assert.ok(names.length > 1, 'the markers lie in several segments')
  return Promise.all(
    names.map(async (name) =>
      decodeAborted(await readFile(`${directory}/${name}`), Number.parseInt(name, 10)),
    ),
  )
}
