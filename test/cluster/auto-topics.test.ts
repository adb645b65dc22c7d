import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AutoTopics } from '../../src/cluster/auto-topics.js'
import { ProducerIds } from '../../src/cluster/producer-ids.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { controllerOver } from './fixture.js'

const settings = () => ({ partitionCount: 5, segmentBytes: 1_048_576 })

test('a topic asked for many times at once is created once, with the defaults', async () => {
  const { controller, image, deltas } = await controllerOver()
  const auto = new AutoTopics(controller, settings)
  const outcomes = await Promise.all([auto.ensure('a'), auto.ensure('a'), auto.ensure('a')])
  assert.deepEqual(
    outcomes.map(({ errorCode }) => errorCode),
    [0, 0, 0],
  )
  assert.equal(image.topicByName('a')?.partitions.length, 3)
  assert.equal(deltas.length, 1)
  assert.equal((await auto.ensure('a')).errorCode, ErrorCode.NONE)
  assert.equal((await auto.ensure('a/b')).errorCode, ErrorCode.INVALID_TOPIC_EXCEPTION)
})

test('internal topics get their own partitions and overrides, and are marked', async () => {
  const { controller } = await controllerOver()
  const auto = new AutoTopics(controller, settings)
  const offsets = await auto.internal('__consumer_offsets')
  assert.deepEqual([offsets?.internal, offsets?.partitions.length], [true, 5])
  assert.deepEqual(Object.fromEntries(offsets?.configs ?? []), {
    'cleanup.policy': 'compact',
    'compression.type': 'producer',
    'segment.bytes': '1048576',
  })
  assert.equal(await auto.internal('__consumer_offsets'), offsets)
})

test('an internal topic that cannot be created is reported as missing and tried again', async () => {
  const { controller, log } = await controllerOver()
  const auto = new AutoTopics(controller, settings)
  log.failNext = true
  assert.equal(await auto.internal('__consumer_offsets'), undefined)
  assert.equal((await auto.internal('__consumer_offsets'))?.partitions.length, 5)
})

test('producer ids are dense within a block, shared by concurrent callers, and survive a failed write', async () => {
  const { controller, image, log } = await controllerOver()
  const ids = new ProducerIds(controller)
  log.failNext = true
  await assert.rejects(ids.next())
  const drawn = await Promise.all(Array.from({ length: 1500 }, () => ids.next()))
  assert.deepEqual(
    drawn,
    Array.from({ length: 1500 }, (_, i) => i),
  )
  assert.equal(image.nextProducerId, 2000)
})
