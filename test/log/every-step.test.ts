// Goal: wherever a process ends, by a kill or a power cut, the next start finds what was acknowledged: records,
// retries, deleted records, aborted transactions, topics made and deleted. The same when any one operation fails.
// Method: `everyStep` stops before each operation on the disk: appends, rolls, checkpoints of every kind, snapshots,
// partition.metadata, meta.properties, directories made and renamed, the marker of a clean stop.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogConfig } from '../../src/log/log-config.js'
import type { Partition } from '../../src/log/partition.js'
import { Isolation } from '../../src/log/read.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { readBatches } from '../../src/protocol/records/batch-reader.js'
import type { SimDisk } from '../sim/disk.js'
import { everyStep, type Outside, type Scenario, SteppedEngine, SteppedFiles } from '../sim/every-step.js'
import type { Image } from '../sim/stepped-disk.js'
import { batchOf, settled, World } from '../sim/world.js'
import { abortedOf, end, readFrom, send } from './transaction-harness.js'

const SYNCED: Partial<LogConfig> = { segmentBytes: 250, flushMessages: 1 }
const UNSYNCED: Partial<LogConfig> = { segmentBytes: 250 }
const ALL_CHECKPOINTS_MS = 61_000

interface Sent {
  readonly producerId: number
  readonly sequence: number
  readonly offset: number
}

/** One life of a broker: a start, work, a clean stop. */
async function live(outside: Outside, work: (world: World) => Promise<void>): Promise<void> {
  const { disk, steps } = outside
  const engine = new SteppedEngine(disk, steps)
  const files = new SteppedFiles(disk, steps)
  const world = await World.start({ disk, engine, files })
  await work(world)
  world.advance(ALL_CHECKPOINTS_MS)
  await settled()
  await world.logs.stop()
  await engine.stop()
  disk.locks.clear()
}

/** Sends one record and notes it when it was acknowledged. */
async function produce(world: World, partition: Partition, sent: Omit<Sent, 'offset'>, facts: Sent[]) {
  const { producerId, sequence } = sent
  const ticket = world.tickets.next()
  const batch = batchOf([`p${producerId}s${sequence}`], {
    producerId,
    producerEpoch: 0,
    baseSequence: sequence,
  })
  const out = world.produce(partition, batch, { ticket })
  world.engine.run()
  const answered = world.foreignTickets.splice(0).some((each) => each.ticket === ticket && each.ok)
  if (out.errorCode === 0 && answered) facts.push({ ...sent, offset: out.baseOffset })
  await settled()
}

/** Two producers in turn. */
async function produceMany(world: World, partition: Partition, from: number, facts: Sent[]): Promise<void> {
  for (let sequence = from; sequence < from + 4; sequence++) {
    for (const producerId of [1, 2]) await produce(world, partition, { producerId, sequence }, facts)
  }
}

async function stored(partition: Partition): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  for (let offset = partition.logStartOffset; offset < partition.logEndOffset; ) {
    const bytes = await partition.readBytes(offset, 1 << 20)
    for (const record of readBatches(bytes)) {
      if (record.offset >= offset) assert.equal(record.offset, offset++, 'offsets are dense')
      found.set(record.offset, String(record.value))
    }
  }
  return found
}

/** Everything acknowledged is there; without syncs a power cut may have taken the newest, and nothing else. */
async function checkRecords(
  partition: Partition,
  sent: readonly Sent[],
  suffixMayGo: boolean,
): Promise<void> {
  const found = await stored(partition)
  for (const { producerId, sequence, offset } of sent) {
    if (offset < partition.logStartOffset || (suffixMayGo && offset >= partition.logEndOffset)) continue
    assert.equal(found.get(offset), `p${producerId}s${sequence}`, `offset ${offset}`)
  }
}

/** The newest acknowledged batches of each producer are known as what they are, and the next is taken. */
function checkRetries(world: World, partition: Partition, sent: readonly Sent[]): void {
  for (const producerId of [1, 2]) {
    const own = sent.filter((each) => each.producerId === producerId)
    for (const { sequence, offset } of own.slice(-5)) {
      const claim = { producerId, producerEpoch: 0, baseSequence: sequence }
      const out = world.produce(partition, batchOf([`p${producerId}s${sequence}`], claim))
      assert.deepEqual(
        [out.errorCode, out.baseOffset, out.submitted],
        [0, offset, false],
        `retry of ${sequence}`,
      )
    }
  }
}

/** Starts on what is left, looks, writes, stops, and starts again: what recovery made must be as good as ever. */
async function startTwice(
  disk: SimDisk,
  look: (world: World) => Promise<Partition | undefined>,
  config: Partial<LogConfig>,
): Promise<void> {
  disk.locks.clear()
  const first = await World.start({ disk })
  const partition = await look(first)
  if (partition !== undefined) {
    const out = first.produce(partition, batchOf(['after']))
    assert.equal(out.errorCode, 0)
    first.engine.run()
    const { topic } = partition
    const end = partition.logEndOffset
    await first.logs.stop()
    const second = await World.start({ disk })
    const again = await second.open(topic, { config, leaderEpoch: 5, topicId: partition.topicId })
    assert.equal(again.logEndOffset, end)
    assert.equal((await stored(again)).get(end - 1), 'after')
    await second.logs.stop()
    return
  }
  await first.logs.stop()
}

/** Two lives; `second` is where the second one began. */
function records(config: Partial<LogConfig>): Scenario<{ sent: Sent[]; second: number }> {
  return {
    facts: () => ({ sent: [], second: 0 }),
    async run(outside, facts) {
      for (const leaderEpoch of [0, 1]) {
        await live(outside, async (world) => {
          const partition = await world.open('orders', { config, leaderEpoch })
          // Fewer than were sent when the disk failed in the first.
          facts.second = partition.logEndOffset
          await produceMany(world, partition, leaderEpoch * 4, facts.sent)
        })
      }
    },
    check: ({ disk, power }, { sent, second }) =>
      startTwice(
        disk,
        async (world) => {
          const suffixMayGo = power && config.flushMessages !== 1
          const partition = await world.open('orders', { config, leaderEpoch: 2 })
          await checkRecords(partition, sent, suffixMayGo)
          if (!suffixMayGo) checkRetries(world, partition, sent)
          const later = sent.find(({ sequence }) => sequence >= 4)
          if (later !== undefined && later.offset < partition.logEndOffset) {
            assert.equal(partition.endOffsetForEpoch(0).endOffset, second, 'where the second life began')
          }
          return partition
        },
        config,
      ),
  }
}

const deletion: Scenario<{ sent: Sent[]; start: number }> = {
  facts: () => ({ sent: [], start: 0 }),
  run: (outside, facts) =>
    live(outside, async (world) => {
      const partition = await world.open('orders', { config: SYNCED })
      await produceMany(world, partition, 0, facts.sent)
      for (const start of [1, 5, partition.logEndOffset]) {
        await partition.deleteRecordsBefore(start)
        facts.start = start
      }
      await produceMany(world, partition, 4, facts.sent)
    }),
  check: ({ disk }, { sent, start }) =>
    startTwice(
      disk,
      async (world) => {
        const partition = await world.open('orders', { config: SYNCED, leaderEpoch: 2 })
        assert.ok(partition.logStartOffset >= start, `begins at ${partition.logStartOffset}, not ${start}`)
        assert.ok(
          partition.logEndOffset >= (sent.at(-1)?.offset ?? -1) + 1,
          'nothing behind the start is lost',
        )
        await checkRecords(partition, sent, false)
        checkRetries(world, partition, sent)
        return partition
      },
      SYNCED,
    ),
}

/** Per transaction: whether its end was acknowledged, and how it ended. */
interface Ended {
  readonly producerId: number
  readonly firstOffset: number
  readonly kind: 'commit' | 'abort'
}

const transactions: Scenario<Ended[]> = {
  facts: () => [],
  async run(outside, facts) {
    for (const life of [0, 1]) {
      await live(outside, async (world) => {
        const partition = await world.open('orders', { config: SYNCED, leaderEpoch: life })
        for (const [index, kind] of (['abort', 'commit', 'abort'] as const).entries()) {
          const producerId = 10 + life * 3 + index
          const out = send(world, partition, { producerId, count: 2 })
          if ((await end(world, partition, kind, { producerId })) === ErrorCode.NONE) {
            facts.push({ producerId, firstOffset: out.baseOffset, kind })
          }
          await settled()
        }
      })
    }
  },
  check: ({ disk }, facts) =>
    startTwice(
      disk,
      async (world) => {
        const partition = await world.open('orders', { config: SYNCED, leaderEpoch: 2 })
        for (const { producerId, firstOffset, kind } of facts) {
          // One read ends with its segment.
          const seen = new Map(abortedOf(readFrom(partition, firstOffset, Isolation.readCommitted)))
          const expected = kind === 'abort' ? firstOffset : undefined
          assert.equal(seen.get(producerId), expected, `${kind} of ${producerId}`)
        }
        return partition
      },
      SYNCED,
    ),
}

const IDS = ['firstAAAAAAAAAAAAAAAAA', 'againAAAAAAAAAAAAAAAAA'] as const

/** A topic is made, written to, deleted and made again under its name; `alive` is what was last acknowledged. */
const topics: Scenario<{ alive: string | null; gone: string[]; sent: Sent[] }> = {
  facts: () => ({ alive: null, gone: [], sent: [] }),
  run: (outside, facts) =>
    live(outside, async (world) => {
      for (const topicId of IDS) {
        const partition = await world.open('orders', { config: SYNCED, topicId, isNew: true })
        facts.alive = topicId
        await produceMany(world, partition, 0, facts.sent)
        if (topicId === IDS[1]) break
        facts.alive = null
        facts.sent.length = 0
        await world.logs.deletePartition('orders', 0)
        facts.gone.push(topicId)
      }
    }),
  async check({ disk }: Image, { alive, gone, sent }) {
    await startTwice(
      disk,
      async (world) => {
        // The metadata log says which of the two exists.
        const topicId = alive ?? IDS[1]
        if (alive !== null) assert.deepEqual(world.logs.unclaimed(), ['/data/a/orders-0'])
        const partition = await world.open('orders', { config: SYNCED, topicId, leaderEpoch: 2 })
        if (alive === null && gone.length === 0) return partition
        await checkRecords(partition, sent, false)
        if (alive === null) assert.equal(partition.logEndOffset, 0, 'another topic’s records are not its own')
        return partition
      },
      SYNCED,
    )
  },
}

const scenarios: [string, Scenario<never>, number][] = [
  ['records that are synced', records(SYNCED) as never, 150],
  ['records that are not', records(UNSYNCED) as never, 150],
  ['deleted records', deletion as never, 100],
  ['transactions', transactions as never, 100],
  ['topics of one name', topics as never, 80],
]

for (const [name, scenario, stepsMin] of scenarios) {
  test(`${name}: stopped at every step`, async (t) => {
    const steps = await everyStep(scenario)
    t.diagnostic(`${steps} steps`)
    assert.ok(steps >= stepsMin, `${steps} steps`)
  })

  for (const code of ['ENOSPC', 'EIO']) {
    test(`${name}: every step fails once with ${code}`, async () => {
      await everyStep(scenario, code)
    })
  }
}
