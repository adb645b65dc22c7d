// Goal: one disk that fails takes its own partitions with it and no others. Method: a simulated disk that fails where
// the test says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flushPartition } from '../../src/log/flush-partition.js'
import type { Partition } from '../../src/log/partition.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { batchOf, settled, World } from '../sim/world.js'
import { end, send } from './transaction-harness.js'

const logDirs = ['/data/a', '/data/b', '/data/c']
const options = { logDirs, metadataLogDir: '/data/a' }

async function spread(world: World) {
  const opened: Partition[] = []
  for (const partition of [0, 1, 2, 3, 4, 5]) opened.push(await world.open('orders', { partition }))
  const inDirectory = (path: string) => opened.filter(({ logDirectory }) => logDirectory === path)
  return { opened, inDirectory }
}

async function isLost(world: World): Promise<boolean> {
  return Promise.race([world.logs.lost.then(() => true), settled().then(() => false)])
}

test('a failed write takes the whole directory offline, the others serve', async () => {
  const world = await World.start({ options })
  const { inDirectory } = await spread(world)
  const [first, second] = inDirectory('/data/b')
  const [other] = inDirectory('/data/c')
  assert.ok(first && second && other)
  world.engine.failWrites('EIO', { directory: '/data/b' })
  const refused = world.tickets.next()
  world.produce(first, batchOf(['a']), { ticket: refused })
  world.engine.run()
  assert.deepEqual(world.foreignTickets, [{ ticket: refused, ok: false }])
  assert.deepEqual([first.status, second.status, other.status], ['offline', 'offline', 'open'])
  assert.equal(world.produce(second, batchOf(['a'])).errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
  assert.equal(world.produce(other, batchOf(['a'])).errorCode, ErrorCode.NONE)
  assert.ok(world.logs.directories[1]?.failed)
  assert.equal(await isLost(world), false)
  const later = await world.open('later', { topicId: 'laterAAAAAAAAAAAAAAAAA', isNew: true })
  assert.notEqual(later.logDirectory, '/data/b')
})

test('want of space or of descriptors takes nothing offline', async () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM']) {
    const world = await World.start({ options })
    const { opened } = await spread(world)
    world.engine.failWrites(code)
    world.produce(opened[0] as never, batchOf(['a']))
    world.engine.run()
    assert.deepEqual(
      opened.map(({ status }) => status),
      ['paused', 'open', 'open', 'open', 'open', 'open'],
      code,
    )
    world.advance(1_000)
    world.engine.run()
    assert.equal(opened[0]?.status, 'open')
  }
})

test('a checkpoint that the disk refuses takes the directory offline', async () => {
  const world = await World.start({ options })
  const { inDirectory } = await spread(world)
  const [partition] = inDirectory('/data/c')
  assert.ok(partition)
  world.produce(partition, batchOf(['a']))
  world.engine.run()
  world.files.failNext('replace', 'EROFS', '/data/c/replication')
  world.advance(5_000)
  await settled()
  assert.equal(partition.status, 'offline')
})

test('without the directory of the metadata log, or without any, there is nothing to serve', async () => {
  for (const failing of [['/data/a'], ['/data/b', '/data/c', '/data/a']]) {
    const world = await World.start({ options })
    const { inDirectory } = await spread(world)
    for (const [index, path] of failing.entries()) {
      assert.equal(await isLost(world), false, `before ${index}`)
      world.engine.failWrites('EIO', { directory: path })
      world.produce(inDirectory(path)[0] as never, batchOf(['a']))
      world.engine.run()
    }
    assert.equal(await isLost(world), true)
  }
})

test('a failed directory gets no marker of a clean stop, the others do', async () => {
  const world = await World.start({ options })
  const { inDirectory } = await spread(world)
  world.engine.failWrites('EIO', { directory: '/data/b' })
  world.produce(inDirectory('/data/b')[0] as never, batchOf(['a']))
  world.engine.run()
  await world.logs.stop()
  const marked = logDirs.filter((path) => world.disk.files.has(`${path}/.kafka_cleanshutdown`))
  assert.deepEqual(marked, ['/data/a', '/data/c'])
})

test('at start, partitions of a directory that cannot be opened are not made anew elsewhere', async () => {
  const world = await World.start({ options })
  const { opened } = await spread(world)
  const lost = opened.findIndex(({ logDirectory }) => logDirectory === '/data/b')
  await world.logs.stop()
  const after = await World.start({
    options,
    disk: world.disk,
    prepare: (files) => files.failNext('makeDirectory', 'EIO', '/data/b'),
  })
  await assert.rejects(after.open('orders', { partition: lost }), /is offline/)
  const found = opened.findIndex(({ logDirectory }) => logDirectory === '/data/c')
  assert.equal((await after.open('orders', { partition: found })).logDirectory, '/data/c')
  const fresh = await after.open('orders', { partition: 9, isNew: true })
  assert.notEqual(fresh.logDirectory, '/data/b')
})

test('at start, the directory of the metadata log must be there', async () => {
  const prepare = (files: World['files']) => files.failNext('makeDirectory', 'EIO', '/data/a')
  await assert.rejects(World.start({ options, prepare }), { code: 'EIO' })
})

test('cordoned directories get no new partitions', async () => {
  const world = await World.start({ options: { ...options, cordonedLogDirs: ['/data/a', '/data/c'] } })
  const { opened } = await spread(world)
  assert.deepEqual([...new Set(opened.map(({ logDirectory }) => logDirectory))], ['/data/b'])
})

test('a failed sync of aborted transactions is not tried again and believed', async () => {
  const world = await World.start({ options })
  const { inDirectory } = await spread(world)
  const [partition] = inDirectory('/data/b')
  assert.ok(partition)
  send(world, partition, {})
  assert.equal(await end(world, partition, 'abort'), ErrorCode.NONE)
  world.files.failNext('sync', 'EIO', '.txnindex')
  await flushPartition(partition, partition.logEndOffset)
  assert.equal(partition.status, 'offline')
  assert.equal(partition.recoveryPoint, 0)
  await assert.rejects(partition.transactionIndex.flush(), { code: 'EIO' })
})

test('a producer snapshot that the disk refuses takes the directory offline', async () => {
  const world = await World.start({ options })
  const { inDirectory } = await spread(world)
  const [partition] = inDirectory('/data/b')
  assert.ok(partition)
  world.produce(partition, batchOf(['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0 }))
  world.engine.run()
  world.files.failNext('replace', 'EIO', '.snapshot')
  await world.engine.roll(partition.log)
  await settled()
  assert.equal(partition.status, 'offline')
})
