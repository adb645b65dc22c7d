// Goal: a partition that is written to all the time moves between two log directories although the broker is killed
// again and again: the move goes on after each start, and nothing acknowledged is lost, repeated or out of order.
// Method: a real broker process that copies slowly; the kills come while it copies and around the swap.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { after, test } from 'node:test'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as calls from '../support/calls.js'
import { WireClient } from '../support/wire-client.js'
import { type BrokerProcess, killProcess, startProcess } from './broker-process.js'
import { fetchTexts, newTopic, produce } from './fixture.js'

/** What takes a while to copy, and what is written meanwhile: far less than is copied. */
const BIG_BYTES = 50_000
const BIG_RECORDS = 80
const SMALL_BYTES = 100
const COPIED_BYTES_PER_SECOND = 1_000_000
const RATE = 'replica.alter.log.dirs.io.max.bytes.per.second'
const PRODUCER_ID = 7
const BROKER = 4
const SET = 0
const DELETE = 1

const work = await mkdtemp(`${tmpdir()}/millrace-moves-`)
after(() => rm(work, { recursive: true, force: true }))

/** One idempotent producer: after a kill it sends again what was not acknowledged. */
class Load {
  acknowledged = 0
  private stopping = false
  private running = Promise.resolve()

  start(client: WireClient): void {
    this.stopping = false
    this.running = this.run(client)
  }

  async stop(): Promise<void> {
    this.stopping = true
    await this.running
  }

  async send(client: WireClient): Promise<void> {
    const sequence = this.acknowledged
    const value = Buffer.from(textAt(sequence))
    const claim = { producerId: PRODUCER_ID, producerEpoch: 0, baseSequence: sequence }
    const batch = buildBatch([{ key: null, value, timestamp: 1_700_000_000_000 + sequence }], claim)
    const { errorCode, baseOffset } = await produce(client, 'orders', batch)
    assert.deepEqual({ errorCode, baseOffset }, { errorCode: 0, baseOffset: sequence })
    this.acknowledged++
  }

  private async run(client: WireClient): Promise<void> {
    while (!this.stopping) {
      try {
        await this.send(client)
      } catch (error) {
        if (client.ended) return
        throw error
      }
    }
  }
}

function textAt(offset: number): string {
  return `${offset}:`.padEnd(offset < BIG_RECORDS ? BIG_BYTES : SMALL_BYTES, '.')
}

interface Places {
  /** The directory it lies in. */
  readonly here: string | null
  /** The one it is on its way to, and how much of it is there. */
  readonly coming: string | null
  readonly copiedBytes: number
}

async function placesOf(client: WireClient): Promise<Places> {
  const { results } = await client.call(calls.describeLogDirs, 4, { topics: null })
  const found = results.flatMap(({ logDir, topics }) => {
    const partition = topics.find(({ name }) => name === 'orders')?.partitions[0]
    return partition === undefined ? [] : [{ logDir, ...partition }]
  })
  const future = found.find(({ isFutureKey }) => isFutureKey)
  return {
    here: found.find(({ isFutureKey }) => !isFutureKey)?.logDir ?? null,
    coming: future?.logDir ?? null,
    copiedBytes: future?.partitionSize ?? 0,
  }
}

/** Asks until it is so. */
async function until(client: WireClient, wanted: (places: Places) => boolean): Promise<Places> {
  for (;;) {
    const places = await placesOf(client)
    if (wanted(places)) return places
  }
}

async function ask(client: WireClient, path: string): Promise<void> {
  const dirs = [{ path, topics: [{ name: 'orders', partitions: [0] }] }]
  const { results } = await client.call(calls.alterReplicaLogDirs, 2, { dirs })
  assert.deepEqual(results[0]?.partitions, [{ partitionIndex: 0, errorCode: 0 }])
}

async function limit(client: WireClient, bytesPerSecond: number | null): Promise<void> {
  const [configOperation, value] = bytesPerSecond === null ? [DELETE, null] : [SET, String(bytesPerSecond)]
  const configs = [{ name: RATE, configOperation, value }]
  const resources = [{ resourceType: BROKER, resourceName: '', configs }]
  const { responses } = await client.call(calls.incrementalAlterConfigs, 1, {
    resources,
    validateOnly: false,
  })
  assert.equal(responses[0]?.errorCode, 0)
}

async function check(client: WireClient, load: Load): Promise<void> {
  for (let offset = 0; offset < load.acknowledged; ) {
    const { records } = await fetchTexts(client, 'orders', { offset })
    assert.ok(records.length > 0, `nothing at ${offset} of ${load.acknowledged}`)
    for (const [at, text] of records) {
      assert.equal(at, offset)
      assert.ok(text === textAt(offset), `another record at ${offset}`)
      offset++
    }
  }
}

interface Life {
  readonly broker: BrokerProcess
  readonly client: WireClient
}

async function begin(load: Load): Promise<Life> {
  const broker = await startProcess([`log.dirs=${work}/a,${work}/b`, `metadata.log.dir=${work}/a`])
  const client = await WireClient.open(broker.bootstrap)
  if (load.acknowledged > 0) {
    await check(client, load)
    load.start(await WireClient.open(broker.bootstrap))
  }
  return { broker, client }
}

async function end({ broker, client }: Life, load: Load): Promise<void> {
  await killProcess(broker)
  await load.stop()
  client.close()
}

test('moves go on through kills', { timeout: 240_000 }, async () => {
  const load = new Load()
  let life = await begin(load)
  const killed = async () => {
    await end(life, load)
    life = await begin(load)
  }
  try {
    const topics = [newTopic('orders', 1, { 'segment.bytes': '1048576' })]
    await life.client.call(calls.createTopics, 7, { topics })
    for (let i = 0; i < BIG_RECORDS; i++) await load.send(life.client)
    load.start(await WireClient.open(life.broker.bootstrap))
    const { here } = await placesOf(life.client)
    assert.ok(here !== null)
    const away = here.endsWith('/a') ? `${work}/b` : `${work}/a`

    await limit(life.client, COPIED_BYTES_PER_SECOND)
    await ask(life.client, away)
    for (let kills = 0; kills < 2; kills++) {
      const { coming } = await until(life.client, ({ copiedBytes }) => copiedBytes > 0)
      assert.equal(coming, away, 'the move goes on after a start')
      await killed()
      assert.equal((await placesOf(life.client)).here, here)
    }
    await limit(life.client, null)
    await until(life.client, (places) => places.here === away)
    await killed()
    const { here: arrived, coming } = await placesOf(life.client)
    assert.deepEqual({ arrived, coming }, { arrived: away, coming: null })

    // Killed sooner or later after the question; there and back, whichever is next.
    for (let looks = 0; looks < 4; looks++) {
      const places = await until(life.client, ({ coming }) => coming === null)
      await ask(life.client, places.here === here ? away : here)
      for (let look = 0; look < looks; look++) await placesOf(life.client)
      await killed()
    }
    await until(life.client, ({ coming }) => coming === null)
    await load.stop()
    await check(life.client, load)
  } finally {
    await end(life, load)
  }
})
