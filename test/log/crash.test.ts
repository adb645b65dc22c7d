// Random work, random faults, random crashes; what was acknowledged is checked from outside after every restart.
// A seed that failed is run again alone with SEED=n.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import type { Partition } from '../../src/log/partition.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { readBatches } from '../../src/protocol/records/batch-reader.js'
import type { SimDisk } from '../sim/disk.js'
import { batchOf, settled, World } from '../sim/world.js'

interface Sent {
  readonly producerId: number
  readonly sequence: number
  readonly baseOffset: number
  readonly text: string
}

const RUNS = 15
const LIVES = 5
const STEPS = 60

class History {
  /** Acknowledged batches by offset. */
  readonly acknowledged = new Map<number, Sent>()
  /** What each producer sends next; ahead of what was acknowledged by what is in flight. */
  readonly sequences = new Map<number, number>()

  acknowledge(sent: Sent): void {
    const known = this.acknowledged.get(sent.baseOffset)
    if (known !== undefined) assert.deepEqual(sent, known, `offset ${sent.baseOffset} was given twice`)
    this.acknowledged.set(sent.baseOffset, sent)
  }

  /** Ascending by sequence. */
  ofProducer(producerId: number): Sent[] {
    const own = [...this.acknowledged.values()].filter((sent) => sent.producerId === producerId)
    return own.sort((a, b) => a.sequence - b.sequence)
  }

  /** After a failure or a restart producers send again what was not acknowledged, as clients do. */
  rewind(): void {
    for (const producerId of this.sequences.keys()) {
      this.sequences.set(producerId, (this.ofProducer(producerId).at(-1)?.sequence ?? -1) + 1)
    }
  }
}

async function live(disk: SimDisk | undefined, random: SeededRandom, history: History): Promise<SimDisk> {
  const world = await World.start(disk === undefined ? {} : { disk })
  const config = { segmentBytes: 400, flushMessages: 1 }
  const partition = await world.open('orders', { config, leaderEpoch: random.int(3) })
  await check(world, partition, history)
  const inFlight = new Map<number, Sent>()
  for (let step = 0; step < STEPS; step++) {
    const dice = random.int(20)
    if (dice < 12) send(world, partition, random, history, inFlight)
    else if (dice < 17) world.engine.run(1 + random.int(4))
    else if (dice === 17) world.engine.failWrites('ENOSPC')
    else if (dice === 18) world.advance(1_000 + random.int(60_000))
    else await settled()
    acknowledge(world, inFlight, history)
    if (partition.status === 'paused') history.rewind()
  }
  await end(world, random)
  acknowledge(world, inFlight, history)
  return world.disk
}

function send(
  world: World,
  partition: Partition,
  random: SeededRandom,
  history: History,
  inFlight: Map<number, Sent>,
): void {
  const producerId = 1 + random.int(3)
  const sequence = history.sequences.get(producerId) ?? 0
  const text = `p${producerId}s${sequence}`
  const ticket = world.tickets.next()
  const batch = batchOf([text], { producerId, producerEpoch: 0, baseSequence: sequence })
  const out = world.produce(partition, batch, { ticket })
  if (out.errorCode === ErrorCode.KAFKA_STORAGE_ERROR) return
  assert.equal(out.errorCode, 0, `producer ${producerId} at ${sequence}`)
  history.sequences.set(producerId, sequence + 1)
  const sent = { producerId, sequence, baseOffset: out.baseOffset, text }
  // A repeated batch was written before a crash whose acknowledgement nobody saw.
  if (out.submitted) inFlight.set(ticket, sent)
  else history.acknowledge(sent)
}

function acknowledge(world: World, inFlight: Map<number, Sent>, history: History): void {
  for (const { ticket, ok } of world.foreignTickets.splice(0)) {
    const sent = inFlight.get(ticket)
    inFlight.delete(ticket)
    if (sent !== undefined && ok) history.acknowledge(sent)
  }
}

async function end(world: World, random: SeededRandom): Promise<void> {
  const kind = random.int(3)
  if (kind === 0) {
    world.advance(1_000)
    world.engine.run()
    await world.logs.stop()
  }
  world.engine.crash({ power: kind === 1 })
}

async function check(world: World, partition: Partition, history: History): Promise<void> {
  const stored = new Map<number, string>()
  let next = 0
  for (let offset = 0; offset < partition.logEndOffset; ) {
    const bytes = await partition.readBytes(offset, 1 << 20)
    for (const record of readBatches(bytes)) {
      assert.equal(record.offset, next++, 'offsets are dense')
      stored.set(record.offset, String(record.value))
    }
    offset = next
    assert.ok(header.batchSize(bytes, 0) > 0)
  }
  assert.equal(next, partition.logEndOffset)
  for (const [offset, { text }] of history.acknowledged)
    assert.equal(stored.get(offset), text, 'acknowledged is kept')
  retryNewest(world, partition, history)
  history.rewind()
}

/** The last five acknowledged batches of each producer get their first offsets again, and are not stored again. */
function retryNewest(world: World, partition: Partition, history: History): void {
  for (const producerId of history.sequences.keys()) {
    for (const { sequence, baseOffset, text } of history.ofProducer(producerId).slice(-5)) {
      const claim = { producerId, producerEpoch: 0, baseSequence: sequence }
      const out = world.produce(partition, batchOf([text], claim))
      assert.deepEqual([out.errorCode, out.baseOffset, out.submitted], [0, baseOffset, false])
    }
  }
}

test('nothing acknowledged is lost by kills, power cuts and full disks', async (t) => {
  const only = process.env.SEED
  const seeds = only === undefined ? Array.from({ length: RUNS }, (_, seed) => seed) : [Number(only)]
  for (const seed of seeds) {
    t.diagnostic(`seed ${seed}`)
    const random = new SeededRandom(seed)
    const history = new History()
    let disk: SimDisk | undefined
    try {
      for (let life = 0; life < LIVES; life++) disk = await live(disk, random.fork(`life ${life}`), history)
    } catch (error) {
      throw new Error(`failed with SEED=${seed}`, { cause: error })
    }
    assert.ok(history.acknowledged.size > 0)
  }
})
