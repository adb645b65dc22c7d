// Goal: a snapshot makes the same image as the records it stands for, and a damaged one is never taken for whole.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { imageRecords } from '../../src/cluster/image-records.js'
import { ResourceType } from '../../src/cluster/metadata-image.js'
import { encodeSnapshot, isWhole, snapshotName } from '../../src/cluster/metadata-snapshot.js'
import { type MetadataLog, MetadataStore } from '../../src/cluster/metadata-store.js'
import { MutableImage } from '../../src/cluster/mutable-image.js'
import { readBatches } from '../../src/protocol/records/batch-reader.js'
import { MemoryMetadataLog } from '../support/memory-metadata-log.js'
import { broker, controllerOver, topic } from './fixture.js'

async function lively() {
  const world = await controllerOver()
  const { controller } = world
  await controller.record(() => [
    { type: 'FeatureLevel', value: { name: 'metadata.version', featureLevel: 25 } },
    {
      type: 'BrokerRegistrationChange',
      value: {
        brokerId: 0,
        brokerEpoch: 7,
        fenced: 1,
        inControlledShutdown: 0,
        logDirs: [],
        cordonedLogDirs: null,
      } as never,
    },
  ])
  const configs = [{ name: 'retention.ms', value: '1000' }]
  await controller.createTopics([topic('a'), topic('b', { numPartitions: 2, configs }), topic('gone')], {
    validateOnly: false,
  })
  await controller.deleteTopics([{ name: 'gone', topicId: null }])
  await controller.record(() => [
    {
      type: 'Config',
      value: { resourceType: ResourceType.Broker, resourceName: '0', name: 'num.io.threads', value: '3' },
    },
  ])
  await controller.allocateProducerIds(1_000)
  return world
}

const empty = () => new MutableImage({ clusterId: 'cluster', nodeId: 0 })

/** What the image holds, by the records that would make it. */
const contentOf = (image: MutableImage) => [...imageRecords(image)]

/** The log from an offset on. */
class TrimmedLog implements MetadataLog {
  constructor(
    private readonly whole: MemoryMetadataLog,
    readonly logStartOffset: number,
  ) {}
  get logEndOffset() {
    return this.whole.logEndOffset
  }
  appendRecords(batch: Buffer) {
    return this.whole.appendRecords(batch)
  }
  readBytes(offset: number) {
    return this.whole.readBytes(offset)
  }
}

test('holds everything the image holds', async () => {
  const { image } = await lively()
  const content = encodeSnapshot(image, { epoch: 3, lastTimestamp: 99 })
  assert.ok(isWhole(content))
  const again = empty()
  const store = new MetadataStore(again, new TrimmedLog(new MemoryMetadataLog(), 0), {
    clock: new FakeClock(),
    logger: nullLogger,
  })
  await store.replay({ endOffset: image.offset + 1, content })
  assert.deepEqual(contentOf(again), contentOf(image))
  assert.deepEqual([again.offset, again.nextProducerId, again.topicCount], [image.offset, 1_000, 2])
  assert.deepEqual(again.brokers.get(0)?.fenced, true)
  assert.equal(again.topicByName('b')?.configs.get('retention.ms'), '1000')
})

test('offsets run on through all batches, from a header to a footer', async () => {
  const { image } = await lively()
  const content = encodeSnapshot(image, { epoch: 3, lastTimestamp: 99 })
  const records = [...readBatches(content)]
  assert.deepEqual(
    records.map(({ offset }) => offset),
    records.map((_, index) => index),
  )
  const types = [records[0], records.at(-1)].map((record) => record?.key?.toString('hex'))
  assert.deepEqual(types, ['00000003', '00000004'])
})

test('with any byte cut or turned it is not whole, save those no checksum covers', async () => {
  const content = encodeSnapshot((await lively()).image, { epoch: 3, lastTimestamp: 99 })
  for (let length = 0; length < content.length; length++) {
    assert.equal(isWhole(content.subarray(0, length)), false, `cut to ${length}`)
  }
  let unnoticed = 0
  for (let at = 0; at < content.length; at++) {
    const bad = Buffer.from(content)
    bad[at] = (bad[at] as number) ^ 0x10
    if (isWhole(bad)) unnoticed++
  }
  // Base offset, leader epoch and magic of the three batches.
  assert.ok(unnoticed <= 3 * 13, `${unnoticed}`)
})

test('is written after so many bytes or so long, and the log begins at the one before', async () => {
  const log = new MemoryMetadataLog()
  const clock = new FakeClock()
  const written: { endOffset: number; epoch: number; content: Buffer }[] = []
  const snapshots = {
    bytesBetween: () => 2_000,
    intervalMs: () => 60_000,
    write: async (snapshot: (typeof written)[number]) => void written.push(snapshot),
  }
  const store = new MetadataStore(empty(), log, { clock, logger: nullLogger, snapshots })
  const register = () => store.append([{ type: 'RegisterBroker', value: broker(0) }])
  for (let i = 0; i < 20; i++) await register()
  const bySize = written.length
  assert.ok(bySize >= 1 && bySize <= 3, `${bySize} snapshots`)
  clock.advance(60_000)
  await register()
  assert.equal(written.length, bySize + 1)
  assert.equal(written.at(-1)?.endOffset, store.image.offset + 1)
  const [first] = written
  assert.ok(first)
  const again = empty()
  const deps = { clock, logger: nullLogger }
  await new MetadataStore(again, new TrimmedLog(log, first.endOffset), deps).replay(first)
  assert.deepEqual(contentOf(again), contentOf(store.image))
  const missing = new MetadataStore(empty(), new TrimmedLog(log, first.endOffset), deps)
  await assert.rejects(missing.replay(null), /no whole snapshot/)
})

test('one that cannot be written loses nothing and refuses nothing', async () => {
  const snapshots = {
    bytesBetween: () => 1,
    intervalMs: () => 0,
    write: () => Promise.reject(new Error('ENOSPC')),
  }
  const deps = { clock: new FakeClock(), logger: nullLogger, snapshots }
  const store = new MetadataStore(empty(), new MemoryMetadataLog(), deps)
  await store.append([{ type: 'RegisterBroker', value: broker(0) }])
  assert.equal(store.image.offset, 0)
})

test('none is written while the log holds what the image does not', async () => {
  const log = new MemoryMetadataLog()
  const unknown = { key: null, value: Buffer.from([1, 99, 0, 0]), timestamp: 1 }
  const { buildBatch } = await import('../../src/protocol/records/batch-builder.js')
  await log.appendRecords(buildBatch([unknown]))
  let writes = 0
  const snapshots = { bytesBetween: () => 1, intervalMs: () => 0, write: async () => void writes++ }
  const store = new MetadataStore(empty(), log, { clock: new FakeClock(), logger: nullLogger, snapshots })
  await store.replay()
  await store.append([{ type: 'RegisterBroker', value: broker(0) }])
  assert.equal(writes, 0)
})

test('is named by its end and epoch', () => {
  const name = snapshotName({ endOffset: 1234, epoch: 7 })
  assert.equal(name, '00000000000000001234-0000000007.checkpoint')
})
