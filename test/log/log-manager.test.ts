import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { batchOf, settled, TOPIC_ID, World } from '../sim/world.js'

const text = (world: World, path: string) => world.disk.files.get(path)?.toString()

describe('directories', () => {
  test('are made, identified and locked; the identity stays', async () => {
    const world = await World.start()
    const meta = text(world, '/data/a/meta.properties')
    assert.match(
      meta ?? '',
      new RegExp(`version=1\nnode.id=1\ndirectory.id=.{22}\ncluster.id=${world.logs.clusterId}\n`),
    )
    await assert.rejects(World.start({ disk: world.disk }), { code: 'EAGAIN' })
    await world.logs.stop()
    const again = await World.start({ disk: world.disk })
    assert.equal(again.logs.clusterId, world.logs.clusterId)
    assert.deepEqual([...again.logs.directoryIds], [...world.logs.directoryIds])
  })

  test('of another cluster or node refuse to start and give their locks back', async () => {
    const world = await World.start()
    await world.logs.stop()
    const other = { disk: world.disk, options: { clusterId: 'otherAAAAAAAAAAAAAAAAA' } }
    await assert.rejects(World.start(other), { code: 'MILLRACE_DIRECTORY_IDENTITY' })
    const node = { disk: world.disk, options: { nodeId: 2 } }
    await assert.rejects(World.start(node), { code: 'MILLRACE_DIRECTORY_IDENTITY' })
    await World.start({ disk: world.disk })
  })

  test('partitions go where the fewest are, the metadata log where it is told', async () => {
    const logDirs = ['/data/a', '/data/b']
    const world = await World.start({ options: { logDirs, metadataLogDir: '/data/b' } })
    const metadata = await world.open('__cluster_metadata', { topicId: 'metadataAAAAAAAAAAAAAA' })
    const open = (partition: number) => world.open('orders', { partition })
    const opened = await Promise.all([0, 1, 2].map(open))
    assert.equal(metadata.logDirectory, '/data/b')
    assert.deepEqual(
      opened.map(({ logDirectory }) => logDirectory),
      ['/data/a', '/data/a', '/data/b'],
    )
  })
})

describe('a partition that cannot be opened', () => {
  test('leaves nothing behind and can be tried again', async () => {
    const world = await World.start()
    world.files.failNext('replace', 'ENOSPC', 'partition.metadata')
    await assert.rejects(world.open(), { code: 'ENOSPC' })
    assert.equal(world.logs.partition('orders', 0), undefined)
    assert.deepEqual((world.disk.list('/data/a') ?? []).includes('orders-0'), false)
    assert.equal((await world.open()).status, 'open')
  })

  test('lies in two directories: the broker does not start', async () => {
    const logDirs = ['/data/a', '/data/b']
    const world = await World.start({ options: { logDirs } })
    await world.open()
    await world.logs.stop()
    world.disk.makeDirectory('/data/b/orders-0')
    await assert.rejects(World.start({ disk: world.disk, options: { logDirs } }), /orders-0 lies in both/)
  })
})

describe('a partition', () => {
  test('has Kafka’s files', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { leaderEpoch: 2 })
    world.produce(partition, batchOf(['a'], { producerId: 9, producerEpoch: 0, baseSequence: 0 }))
    world.engine.run()
    assert.equal(text(world, '/data/a/orders-0/partition.metadata'), `version: 0\ntopic_id: ${TOPIC_ID}`)
    assert.equal(text(world, '/data/a/orders-0/leader-epoch-checkpoint'), undefined)
    await world.logs.stop()
    assert.equal(text(world, '/data/a/orders-0/leader-epoch-checkpoint'), '0\n1\n2 0\n')
    assert.equal(text(world, '/data/a/recovery-point-offset-checkpoint'), '0\n1\norders 0 1\n')
    assert.equal(text(world, '/data/a/replication-offset-checkpoint'), '0\n1\norders 0 1\n')
    assert.equal(text(world, '/data/a/.kafka_cleanshutdown'), '{"version":0,"brokerEpoch":-1}')
    assert.ok(world.disk.files.has('/data/a/orders-0/00000000000000000001.snapshot'))
    assert.equal(world.disk.locks.size, 0)
  })

  test('is adopted after a restart with its start, end and epochs', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { leaderEpoch: 2 })
    for (const value of ['a', 'b', 'c']) world.produce(partition, batchOf([value]))
    world.engine.run()
    await partition.deleteRecordsBefore(2)
    await world.logs.stop()
    const after = await World.start({ disk: world.disk })
    assert.deepEqual(after.logs.unclaimed(), ['/data/a/orders-0'])
    const again = await after.open('orders', { leaderEpoch: 3 })
    assert.deepEqual([again.logStartOffset, again.logEndOffset, again.recoveryPoint], [2, 3, 3])
    assert.deepEqual(again.epochs.all, [
      { epoch: 2, startOffset: 2 },
      { epoch: 3, startOffset: 3 },
    ])
    assert.equal(text(after, '/data/a/.kafka_cleanshutdown'), undefined)
    assert.deepEqual(after.logs.unclaimed(), [])
  })

  test('loses what a crash left of a file that was being replaced', async () => {
    const world = await World.start()
    await world.open()
    world.engine.crash()
    world.disk.files.set('/data/a/orders-0/00000000000000000007.snapshot.tmp', Buffer.from('half'))
    const again = await World.start({ disk: world.disk })
    await again.open()
    const names = again.disk.list('/data/a/orders-0') ?? []
    assert.deepEqual(
      names.filter((name) => name.endsWith('.tmp')),
      [],
    )
  })

  test('of another topic with the same name is put aside, not overwritten', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.produce(partition, batchOf(['old']))
    world.engine.run()
    await world.logs.stop()
    const after = await World.start({ disk: world.disk })
    const fresh = await after.open('orders', { topicId: 'anotherAAAAAAAAAAAAAAA' })
    assert.equal(fresh.logEndOffset, 0)
    const names = after.disk.list('/data/a') ?? []
    assert.equal(names.filter((name) => /^orders-0\.[0-9a-f]{32}-stray$/.test(name)).length, 1)
  })

  test('deleted: unknown at once, renamed, removed after the delay', async () => {
    const world = await World.start()
    const partition = await world.open()
    await world.logs.deletePartition('orders', 0)
    assert.equal(world.logs.partition('orders', 0), undefined)
    assert.equal(world.logs.partitionById(TOPIC_ID, 0), undefined)
    assert.equal(partition.status, 'closed')
    const retired = () => (world.disk.list('/data/a') ?? []).filter((name) => name.startsWith('orders-0'))
    assert.match(retired()[0] ?? '', /^orders-0\.[0-9a-f]{32}-delete$/)
    world.advance(59_999)
    await settled()
    assert.equal(retired().length, 1)
    world.advance(1)
    await settled()
    assert.deepEqual(retired(), [])
  })

  test('whose deletion failed is never taken for the next topic of its name', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.produce(partition, batchOf(['old']))
    world.engine.run()
    world.files.failNext('rename', 'EIO')
    await assert.rejects(world.logs.deletePartition('orders', 0), { code: 'EIO' })
    const fresh = await world.open('orders', { topicId: 'anotherAAAAAAAAAAAAAAA' })
    assert.equal(fresh.logEndOffset, 0)
  })

  test('deleted before a crash is removed at the next start', async () => {
    const world = await World.start()
    await world.open()
    await world.logs.deletePartition('orders', 0)
    world.engine.crash()
    const after = await World.start({ disk: world.disk })
    assert.deepEqual(
      (after.disk.list('/data/a') ?? []).filter((name) => name.startsWith('orders')),
      [],
    )
  })

  test('a very long topic is cut to a name the file system takes', async () => {
    const world = await World.start()
    const topic = 't'.repeat(249)
    await world.open(topic)
    await world.logs.deletePartition(topic, 0)
    const longest = Math.max(...(world.disk.list('/data/a') ?? []).map((name) => name.length))
    assert.equal(longest, 255)
  })

  test('configured anew obeys at once', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.logs.configure('orders', { ...partition.config, maxMessageBytes: 10 })
    assert.equal(world.produce(partition, batchOf(['a'])).errorCode, ErrorCode.MESSAGE_TOO_LARGE)
  })
})

describe('checkpoints', () => {
  test('are written by the clock and only when something changed', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.produce(partition, batchOf(['a']))
    world.engine.run()
    world.advance(5_000)
    await settled()
    assert.equal(text(world, '/data/a/replication-offset-checkpoint'), '0\n1\norders 0 1\n')
    world.disk.files.delete('/data/a/replication-offset-checkpoint')
    world.advance(5_000)
    await settled()
    assert.equal(text(world, '/data/a/replication-offset-checkpoint'), undefined)
  })

  test('one that cannot be written is tried again', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.produce(partition, batchOf(['a']))
    world.engine.run()
    world.files.failNext('replace', 'ENOSPC', 'replication')
    world.advance(5_000)
    await settled()
    world.advance(5_000)
    await settled()
    assert.equal(text(world, '/data/a/replication-offset-checkpoint'), '0\n1\norders 0 1\n')
  })

  test('a failure does not spoil the one that waits behind it', async () => {
    const world = await World.start()
    const partition = await world.open()
    for (const value of ['a', 'b', 'c']) world.produce(partition, batchOf([value]))
    world.engine.run()
    world.files.failNext('replace', 'ENOSPC', 'log-start')
    await Promise.all([partition.deleteRecordsBefore(1), partition.deleteRecordsBefore(2)])
    const [directory] = world.logs.directories
    await Promise.all([directory?.writeLogStarts(), partition.deleteRecordsBefore(3)])
    assert.equal(text(world, '/data/a/log-start-offset-checkpoint'), '0\n1\norders 0 3\n')
  })

  test('of many raised starts are written few times, the last one with all of them', async () => {
    const world = await World.start()
    const opened = await Promise.all([0, 1, 2, 3, 4].map((partition) => world.open('orders', { partition })))
    for (const partition of opened) world.produce(partition, batchOf(['a', 'b']))
    world.engine.run()
    let writes = 0
    const replace = world.files.replace.bind(world.files)
    world.files.replace = (path, content) => {
      if (path.endsWith('log-start-offset-checkpoint')) writes++
      return replace(path, content)
    }
    await Promise.all(opened.map((partition) => partition.deleteRecordsBefore(1)))
    const lines = [0, 1, 2, 3, 4].map((partition) => `orders ${partition} 1\n`).join('')
    assert.equal(text(world, '/data/a/log-start-offset-checkpoint'), `0\n5\n${lines}`)
    assert.ok(writes <= 2, `${writes} writes`)
  })

  test('a roll snapshots the producers, syncs, and moves the recovery point', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { config: { segmentBytes: 150 } })
    for (const sequence of [0, 1, 2]) {
      world.produce(partition, batchOf(['a'], { producerId: 9, producerEpoch: 0, baseSequence: sequence }))
    }
    world.engine.run()
    await settled()
    const snapshots = [...world.disk.files.keys()].filter((path) => path.endsWith('.snapshot'))
    assert.equal(snapshots.length, partition.services.engine.segments(partition.log).length - 1)
    assert.ok(partition.recoveryPoint >= 1)
  })

  test('a stop after a lost disk leaves no marker of a clean stop', async () => {
    const world = await World.start()
    const partition = await world.open()
    world.engine.failWrites('EIO')
    world.produce(partition, batchOf(['a']))
    world.engine.run()
    await world.logs.stop()
    assert.equal(text(world, '/data/a/.kafka_cleanshutdown'), undefined)
  })
})

describe('leader epochs', () => {
  test('that a kill left unwritten are read from the batches', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { leaderEpoch: 2 })
    world.produce(partition, batchOf(['a']))
    partition.lead(5)
    world.produce(partition, batchOf(['b']))
    world.engine.run()
    world.engine.crash()
    const after = await World.start({ disk: world.disk })
    const again = await after.open('orders', { leaderEpoch: 6 })
    assert.deepEqual(again.epochs.all, [
      { epoch: 2, startOffset: 0 },
      { epoch: 5, startOffset: 1 },
      { epoch: 6, startOffset: 2 },
    ])
    after.advance(60_000)
    await settled()
    assert.equal(text(after, '/data/a/orders-0/leader-epoch-checkpoint'), '0\n3\n2 0\n5 1\n6 2\n')
  })

  test('of a partition nobody wrote to cost no file', async () => {
    const world = await World.start()
    await world.open()
    await world.logs.stop()
    assert.equal(text(world, '/data/a/orders-0/leader-epoch-checkpoint'), undefined)
  })
})

describe('a power cut', () => {
  test('keeps what flush.messages promised and producers in step with the log', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { config: { flushMessages: 2 } })
    const send = (sequence: number) =>
      world.produce(partition, batchOf(['a'], { producerId: 9, producerEpoch: 0, baseSequence: sequence }))
    for (const sequence of [0, 1, 2]) send(sequence)
    world.engine.run()
    world.engine.crash({ power: true })
    const after = await World.start({ disk: world.disk })
    const again = await after.open()
    assert.equal(again.logEndOffset, 2)
    const retry = after.produce(again, batchOf(['a'], { producerId: 9, producerEpoch: 0, baseSequence: 2 }))
    assert.deepEqual([retry.errorCode, retry.baseOffset], [0, 2])
  })
})

describe('retention', () => {
  test('by time drops whole old segments, the active one included, and wakes nobody', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { config: { retentionMs: 1000, segmentBytes: 200 } })
    for (let i = 0; i < 4; i++) world.produce(partition, batchOf(['a'], { timestamp: world.clock.nowMs() }))
    world.engine.run()
    world.advance(300_000)
    await settled()
    assert.deepEqual([partition.logStartOffset, partition.logEndOffset], [4, 4])
    assert.equal(partition.services.engine.segments(partition.log).length, 1)
  })

  test('by size keeps at least what was asked for', async () => {
    const world = await World.start()
    const size = batchOf(['a']).length
    const config = { retentionMs: -1, retentionBytes: 2 * size, segmentBytes: size }
    const partition = await world.open('orders', { config })
    for (let i = 0; i < 5; i++) world.produce(partition, batchOf(['a']))
    world.engine.run()
    world.advance(300_000)
    await settled()
    assert.equal(partition.logStartOffset, 3)
  })

  test('does nothing under compaction', async () => {
    const world = await World.start({ auto: true })
    const config = { retentionMs: 1, cleanupPolicy: new Set(['compact'] as const) }
    const partition = await world.open('orders', { config })
    await world.produce(partition, batchOf(['a'])).deferred
    world.advance(300_000)
    await settled()
    assert.equal(partition.logStartOffset, 0)
  })
})
