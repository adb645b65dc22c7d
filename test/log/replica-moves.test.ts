// Goal: a move between log directories is asked for, shown, cancelled and survived as in Kafka. Method: a simulated
// disk whose engine copies in one step; what the native side does is tested in test/native/log/move_test.cc.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOVED } from '../../src/log/moves/settle-moves.js'
import type { Partition } from '../../src/log/partition.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { batchOf, settled, World } from '../sim/world.js'

const logDirs = ['/data/a', '/data/b']
const options = { logDirs, metadataLogDir: '/data/a' }
const FUTURE = /^orders-0\.[0-9a-f]{32}-future$/

async function begin(values: readonly string[] = ['a', 'b']) {
  const world = await World.start({ options, auto: true })
  const partition = await world.open()
  assert.equal(partition.logDirectory, '/data/a')
  for (const value of values) world.produce(partition, batchOf([value]))
  await quiet()
  return { world, partition }
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settled()
}

function ask(world: World, directory: string, topic = 'orders', partition = 0): ErrorCode {
  return world.logs.moves.request({ topic, partition, directory })
}

function names(world: World, directory: string): string[] {
  return (world.disk.list(directory) ?? []).filter((name) => name.startsWith('orders'))
}

const places = (world: World) => logDirs.map((path) => names(world, path))

async function restarted(world: World): Promise<{ world: World; partition: Partition }> {
  world.files.die()
  world.engine.crash()
  const next = await World.start({ disk: world.disk, options, auto: true })
  const partition = await next.open()
  next.logs.warnOfUnclaimed()
  return { world: next, partition }
}

test('a moved partition keeps its records, waits and future appends', async () => {
  const { world, partition } = await begin()
  const { log } = partition
  assert.equal(ask(world, '/data/b'), ErrorCode.NONE)
  world.produce(partition, batchOf(['c']))
  await quiet()
  assert.equal(partition.log, log)
  assert.equal(partition.logDirectory, '/data/b')
  assert.equal(partition.directory, '/data/b/orders-0')
  assert.equal(world.produce(partition, batchOf(['d'])).errorCode, ErrorCode.NONE)
  await quiet()
  assert.equal(partition.logEndOffset, 4)
  const [a, b] = places(world)
  assert.deepEqual(b, ['orders-0'])
  assert.match(a?.[0] ?? '', /-delete$/)
  assert.deepEqual(
    world.logs.directories.map(({ partitions }) => partitions.size),
    [0, 1],
  )
  assert.equal(world.disk.files.has(`/data/b/orders-0/${MOVED}`), false)
  world.advance(60_000)
  await quiet()
  assert.deepEqual(places(world), [[], ['orders-0']])
  const again = await restarted(world)
  assert.equal(again.partition.logDirectory, '/data/b')
  assert.equal(again.partition.logEndOffset, 4)
})

test('a start offset, snapshots and epochs move along', async () => {
  const { world, partition } = await begin(['a', 'b', 'c'])
  await world.engine.roll(partition.log)
  world.produce(partition, batchOf(['d'], { producerId: 7, producerEpoch: 0, baseSequence: 0 }))
  await quiet()
  await partition.deleteRecordsBefore(2)
  ask(world, '/data/b')
  await quiet()
  const again = await restarted(world)
  assert.equal(again.partition.logDirectory, '/data/b')
  assert.equal(again.partition.logStartOffset, 2)
  assert.equal(again.partition.logEndOffset, 4)
  assert.equal(again.partition.producers.lastSequence(7), 0)
})

test('what cannot be is refused', async () => {
  const { world, partition } = await begin()
  assert.equal(ask(world, '/data/c'), ErrorCode.LOG_DIR_NOT_FOUND)
  assert.equal(ask(world, '/data/b', 'orders', 1), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(ask(world, '/data/b', 't'.repeat(220)), ErrorCode.INVALID_TOPIC_EXCEPTION)
  assert.equal(ask(world, '/data/a'), ErrorCode.NONE)
  await quiet()
  assert.deepEqual(places(world), [['orders-0'], []])
  world.logs.directories[1]?.fail(new Error('gone'))
  assert.equal(ask(world, '/data/b'), ErrorCode.KAFKA_STORAGE_ERROR)
  partition.takeOffline(new Error('gone'))
  assert.equal(ask(world, '/data/a'), ErrorCode.KAFKA_STORAGE_ERROR)
})

test('a partition is made where it was wished for before', async () => {
  const { world } = await begin()
  assert.equal(ask(world, '/data/a', 'later', 0), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const later = await world.open('later', { topicId: 'laterAAAAAAAAAAAAAAAAA', isNew: true })
  assert.equal(later.logDirectory, '/data/a')
})

test('a move is shown while it goes on, and asking for the old place ends it', async () => {
  const { world, partition } = await begin()
  const [a, b] = world.logs.directories
  assert.ok(a && b)
  ask(world, '/data/b')
  const [arriving] = [...world.logs.moves.arriving(b)]
  assert.equal(arriving?.partition, partition)
  assert.equal(arriving?.move.copiedEnd, 0)
  ask(world, '/data/a')
  await quiet()
  assert.deepEqual([...world.logs.moves.arriving(b)], [])
  assert.deepEqual(places(world), [['orders-0'], []])
  assert.equal(partition.moving, false)
})

test('a deleted partition ends its move', async () => {
  const { world } = await begin()
  ask(world, '/data/b')
  await world.logs.deletePartition('orders', 0)
  await quiet()
  assert.deepEqual(
    places(world).map((found) => found.filter((name) => !name.endsWith('-delete'))),
    [[], []],
  )
  assert.deepEqual(
    world.logs.directories.map(({ partitions }) => partitions.size),
    [0, 0],
  )
})

test('a disk that refuses the copy goes offline, the partition stays where it was', async () => {
  const { world, partition } = await begin()
  world.engine.failWrites('EIO', { directory: '/data/b' })
  ask(world, '/data/b')
  await quiet()
  assert.ok(world.logs.directories[1]?.failed)
  assert.equal(partition.status, 'open')
  assert.equal(partition.logDirectory, '/data/a')
  world.produce(partition, batchOf(['c']))
  await quiet()
  assert.equal(partition.logEndOffset, 3)
})

test('a full disk fails the move and nothing else', async () => {
  const { world, partition } = await begin()
  world.engine.failWrites('ENOSPC', { directory: '/data/b' })
  ask(world, '/data/b')
  await quiet()
  assert.equal(world.logs.directories[1]?.failed, null)
  assert.deepEqual(places(world), [['orders-0'], []])
  ask(world, '/data/b')
  await quiet()
  assert.equal(partition.logDirectory, '/data/b')
})

test('an unfinished move begins anew at the next start', async () => {
  const { world, partition } = await begin()
  await world.engine.copyLog(partition.log, {
    directory: `/data/b/orders-0.${'0'.repeat(32)}-future`,
    bytesMax: 1,
    bytesPerSecond: 1,
  })
  assert.match(names(world, '/data/b')[0] ?? '', FUTURE)
  const again = await restarted(world)
  await quiet()
  assert.equal(again.partition.logDirectory, '/data/b')
  assert.equal(again.partition.logEndOffset, 2)
  assert.deepEqual(names(again.world, '/data/b'), ['orders-0'])
})

test('the copy of a partition that is gone is removed', async () => {
  const { world } = await begin()
  world.disk.makeDirectory(`/data/b/gone-0.${'0'.repeat(32)}-future`)
  const again = await restarted(world)
  await quiet()
  assert.deepEqual(
    again.world.disk.list('/data/b')?.filter((name) => name.startsWith('gone')),
    [],
  )
})

test('the marker of a move whose end a kill took does not outlive the next move', async () => {
  const { world } = await begin(['a', 'b', 'c'])
  world.files.dieAt('remove', 0)
  ask(world, '/data/b')
  await quiet()
  const back = await restarted(world)
  assert.equal(back.partition.logDirectory, '/data/b')
  assert.ok(back.world.disk.files.has(`/data/b/orders-0/${MOVED}`))
  back.world.files.dieAt('rename', 0)
  ask(back.world, '/data/a')
  await quiet()
  const again = await restarted(back.world)
  assert.equal(again.partition.logDirectory, '/data/a')
  assert.equal(again.partition.logEndOffset, 3)
})

// At each verb of the swap and after it the process may end; the files say which directory counts.
for (const verb of ['replace', 'list', 'rename', 'remove', 'syncDirectory'] as const) {
  test(`a crash at any ${verb} of a move leaves one whole partition`, async () => {
    for (let skip = 0; skip < 12; skip++) {
      const { world, partition } = await begin(['a', 'b', 'c'])
      world.files.dieAt(verb, skip)
      ask(world, '/data/b')
      await quiet()
      const again = await restarted(world)
      await quiet()
      assert.equal(again.partition.logEndOffset, 3, `${verb} ${skip}`)
      const whole = places(again.world).flat()
      assert.deepEqual(
        whole.filter((name) => name === 'orders-0'),
        ['orders-0'],
        `${verb} ${skip}`,
      )
      void partition
    }
  })
}
