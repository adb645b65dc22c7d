// Goal: whatever was done, and whichever writes failed, a replay of the log gives the image that was acknowledged.
// Method: random operations over a log in memory that fails at random; after each run the live image, a replayed
// one, and a model of what the answers promised must agree.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { planElections } from '../../src/cluster/elect-leaders.js'
import type { MetadataImage } from '../../src/cluster/metadata-image.js'
import { ResourceType } from '../../src/cluster/metadata-image.js'
import type { MetadataRecord } from '../../src/cluster/metadata-record.js'
import { snapshotsAmong } from '../../src/cluster/metadata-snapshot.js'
import { MetadataStore } from '../../src/cluster/metadata-store.js'
import { MutableImage } from '../../src/cluster/mutable-image.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { MemoryMetadataLog } from '../support/memory-metadata-log.js'
import { controllerOver, topic } from './fixture.js'

const name = fc.constantFrom('a', 'b', 'c.d', 'c_d')
const operation = fc.oneof(
  fc.record({ do: fc.constant('create' as const), name, count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('delete' as const), name, count: fc.constant(0) }),
  fc.record({ do: fc.constant('grow' as const), name, count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant('configure' as const), name, count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('reset' as const), name, count: fc.constant(0) }),
  fc.record({ do: fc.constant('ids' as const), name, count: fc.integer({ min: 1, max: 9 }) }),
)
const step = fc.record({ operation, fails: fc.boolean() })

test('a replay agrees with the image and with what was answered', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const log = new MemoryMetadataLog()
      const { controller, image } = await controllerOver(log)
      const model = new Map<string, { count: number; retention: string | undefined }>()
      let nextId = 0
      for (const {
        operation: { do: verb, name: topicName, count },
        fails,
      } of steps) {
        log.failNext = fails
        const [ok, id] = await run(controller, verb, topicName, count)
        log.failNext = false
        if (!ok) continue
        const before = model.get(topicName)
        if (verb === 'create') model.set(topicName, { count, retention: undefined })
        else if (verb === 'delete') model.delete(topicName)
        else if (verb === 'grow') model.set(topicName, { ...(before as NonNullable<typeof before>), count })
        else if (verb === 'ids') {
          assert.ok(id >= nextId)
          nextId = id + count
        } else {
          const retention = verb === 'configure' ? String(count) : undefined
          model.set(topicName, { ...(before as NonNullable<typeof before>), retention })
        }
      }
      const replayed = (await controllerOver(log)).image
      assert.deepEqual(plain(replayed), plain(image))
      const seen = [...image.topics()].map((each) => [
        each.name,
        { count: each.partitions.length, retention: each.configs.get('retention.ms') },
      ])
      assert.deepEqual(new Map(seen as never), model)
    }),
    { numRuns: 150 },
  ))

type Verb = 'create' | 'delete' | 'grow' | 'configure' | 'reset' | 'ids'
type Controller = Awaited<ReturnType<typeof controllerOver>>['controller']

/** Whether the answer promised the change, and the first producer id. */
async function run(
  controller: Controller,
  verb: Verb,
  topicName: string,
  count: number,
): Promise<[boolean, number]> {
  const apply = { validateOnly: false }
  switch (verb) {
    case 'create': {
      const [result] = await controller.createTopics([topic(topicName, { numPartitions: count })], apply)
      return [result?.errorCode === 0, 0]
    }
    case 'delete': {
      const [result] = await controller.deleteTopics([{ name: topicName, topicId: null }])
      return [result?.errorCode === 0, 0]
    }
    case 'grow': {
      const growth = { name: topicName, count, assignments: null }
      const [result] = await controller.createPartitions([growth], apply)
      return [result?.errorCode === 0, 0]
    }
    case 'ids':
      return controller.allocateProducerIds(count).then(
        ({ firstProducerId }) => [true, firstProducerId],
        () => [false, 0],
      )
    default: {
      const set = verb === 'configure'
      const change = { name: 'retention.ms', operation: set ? 0 : 1, value: set ? String(count) : null }
      const resource = { resourceType: ResourceType.Topic, resourceName: topicName, replacesAll: false }
      const [result] = await controller.alterConfigs([{ ...resource, changes: [change] }], apply)
      return [result?.errorCode === 0, 0]
    }
  }
}

function plain(image: MetadataImage) {
  const { topicCount, partitionCount, nextProducerId } = image
  return { topics: [...image.topics()], topicCount, partitionCount, nextProducerId }
}

test('records between a begin and an abort never happened, those before an end happen with it', async () => {
  const log = new MemoryMetadataLog()
  const { controller } = await controllerOver(log)
  await controller.createTopics([topic('a')], { validateOnly: false })
  const create = log.batches.pop() as Buffer
  log.logEndOffset -= 4
  const bracket = (type: number) =>
    buildBatch([{ key: null, value: Buffer.from([1, type, 0, 0]), timestamp: 0 }])
  for (const batch of [bracket(23), create, bracket(25)]) await log.appendRecords(Buffer.from(batch))
  assert.equal((await controllerOver(log)).image.topicByName('a'), undefined)
  for (const batch of [bracket(23), create, bracket(24)]) await log.appendRecords(Buffer.from(batch))
  assert.equal((await controllerOver(log)).image.topicByName('a')?.partitions.length, 3)
})

test('a snapshot stands for what is below its end, and the log goes on from there', async () => {
  const before = await controllerOver()
  await before.controller.createTopics([topic('a'), topic('b')], { validateOnly: false })
  const content = Buffer.concat(before.log.batches)
  const endOffset = before.log.logEndOffset
  await before.controller.deleteTopics([{ name: 'a', topicId: null }])
  const image = new MutableImage({ clusterId: 'cluster', nodeId: 0 })
  const log = new TruncatedLog(before.log, endOffset)
  const store = new MetadataStore(image, log, { clock: new FakeClock(), logger: nullLogger })
  await store.replay({ endOffset, content })
  assert.deepEqual(plain(image), plain(before.image))
  assert.equal(image.offset, before.image.offset)
})

test('snapshots are found newest first, unfinished ones are none', () => {
  const name = (offset: number, suffix = '') =>
    `${String(offset).padStart(20, '0')}-0000000003.checkpoint${suffix}`
  const names = [name(5), name(90, '.part'), name(70), name(80, '.deleted'), 'quorum-state', name(6)]
  assert.deepEqual(
    snapshotsAmong(names).map(({ endOffset }) => endOffset),
    [70, 6, 5],
  )
  assert.deepEqual(snapshotsAmong(['00000000000000000000.log']), [])
})

test('a partition without a leader is given to this broker in a new epoch', async () => {
  const { controller, image } = await controllerOver()
  await controller.createTopics([topic('a', { numPartitions: 2 })], { validateOnly: false })
  const leaderless = [...planElectionsOf(image, -1)]
  await controller.record(() => leaderless)
  assert.deepEqual(
    image.topicByName('a')?.partitions.map(({ leader }) => leader),
    [-1, -1],
  )
  await controller.record(() => [...planElections(image)])
  assert.deepEqual(
    image.topicByName('a')?.partitions.map(({ leader, leaderEpoch, isr }) => [leader, leaderEpoch, isr]),
    [
      [0, 2, [0]],
      [0, 2, [0]],
    ],
  )
  assert.deepEqual([...planElections(image)], [])
})

/** A log whose older records are gone: reading them would fail. */
class TruncatedLog {
  constructor(
    private readonly whole: MemoryMetadataLog,
    readonly logStartOffset: number,
  ) {}

  get logEndOffset(): number {
    return this.whole.logEndOffset
  }

  appendRecords(batch: Buffer) {
    return this.whole.appendRecords(batch)
  }

  readBytes(offset: number): Promise<Buffer> {
    assert.ok(offset >= this.logStartOffset)
    return this.whole.readBytes(offset)
  }
}

/** Changes of every partition to the leader. */
function* planElectionsOf(image: MetadataImage, leader: number): Generator<MetadataRecord> {
  for (const { id, partitions } of image.topics()) {
    for (const partitionId of partitions.keys()) {
      const value = { ...nothingChanges, partitionId, topicId: id, leader }
      yield { type: 'PartitionChange', value }
    }
  }
}

const nothingChanges = {
  isr: null,
  replicas: null,
  removingReplicas: null,
  addingReplicas: null,
  leaderRecoveryState: -1,
  directories: null,
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
}
