// Goal: a partition knows which transactions are open, what their markers end and where the last stable offset
// stands, through failed writes and crashes.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeAborted } from '../../src/log/aborted-transaction.js'
import { AdvanceListener } from '../../src/log/advance-listener.js'
import type { Partition } from '../../src/log/partition.js'
import { decodeSnapshot } from '../../src/log/producer-snapshot.js'
import { Isolation } from '../../src/log/read.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { batchOf, settled, World } from '../sim/world.js'
import { abortedOf, end, HeldVerifier, readFrom, send } from './transaction-harness.js'

const DIRECTORY = '/data/a/orders-0'

async function opened(config = {}): Promise<{ world: World; partition: Partition }> {
  const world = await World.start()
  return { world, partition: await world.open('orders', { config }) }
}

async function restarted(world: World, kind: 'stop' | 'kill' | 'power'): Promise<[World, Partition]> {
  if (kind === 'stop') await world.logs.stop()
  else world.engine.crash({ power: kind === 'power' })
  const after = await World.start({ disk: world.disk })
  return [after, await after.open()]
}

const write = (world: World, partition: Partition, ...args: [Parameters<typeof send>[2], object?]) => {
  const out = send(world, partition, ...args)
  world.engine.run()
  return out.errorCode
}

describe('the last stable offset', () => {
  test('stands before the oldest open transaction and moves with its marker', async () => {
    const { world, partition } = await opened()
    world.produce(partition, batchOf(['plain']))
    write(world, partition, { producerId: 1, count: 2 })
    write(world, partition, { producerId: 2 })
    assert.deepEqual([partition.lastStableOffset, partition.highWatermark], [1, 4])
    assert.equal(await end(world, partition, 'commit', { producerId: 2 }), 0)
    assert.deepEqual([partition.lastStableOffset, partition.highWatermark], [1, 5])
    assert.equal(await end(world, partition, 'abort', { producerId: 1 }), 0)
    assert.deepEqual([partition.lastStableOffset, partition.highWatermark], [6, 6])
  })

  test('waits for the marker to be written', async () => {
    const { world, partition } = await opened()
    write(world, partition, {})
    const marker = {
      producerId: 7,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      commit: true,
      transactionVersion: 1,
    }
    const answer = partition.appendMarker(marker)
    await settled()
    assert.deepEqual([partition.lastStableOffset, partition.nextOffset()], [0, 2])
    world.engine.run()
    assert.equal((await answer).errorCode, 0)
    assert.equal(partition.lastStableOffset, 2)
  })

  test('does not fall below the log start', async () => {
    const { world, partition } = await opened()
    write(world, partition, {})
    world.produce(partition, batchOf(['a', 'b']))
    world.engine.run()
    await partition.deleteRecordsBefore(2)
    assert.equal(partition.lastStableOffset, 2)
  })

  test('bounds ListOffsets of committed records', async () => {
    const { world, partition } = await opened()
    world.produce(partition, batchOf(['plain']))
    write(world, partition, {})
    const latest = (isolation: number) => partition.offsetForTimestamp({ timestamp: -1, isolation })
    assert.equal((await latest(Isolation.readCommitted))?.offset, 1)
    assert.equal((await latest(Isolation.readUncommitted))?.offset, 2)
  })

  test('wakes readers of committed records by what became stable, others by what was written', async () => {
    class Counter extends AdvanceListener {
      bytes: number[] = []
      override advanced(bytes: number): void {
        this.bytes.push(bytes)
      }
    }
    const { world, partition } = await opened()
    const [all, committed] = [new Counter(), new Counter()]
    partition.onAdvance(all)
    partition.onAdvance(committed, Isolation.readCommitted)
    const plain = batchOf(['plain'])
    world.produce(partition, plain)
    write(world, partition, { producerId: 1 })
    write(world, partition, { producerId: 2 })
    assert.deepEqual(committed.bytes, [plain.length])
    await end(world, partition, 'commit', { producerId: 1 })
    await end(world, partition, 'commit', { producerId: 2 })
    const sum = (list: number[]) => list.reduce((total, bytes) => total + bytes, 0)
    assert.equal(committed.bytes.length, 3)
    assert.equal(sum(committed.bytes), sum(all.bytes))
  })
})

describe('markers', () => {
  test('take an offset but no sequence', async () => {
    const { world, partition } = await opened()
    assert.equal(write(world, partition, { sequence: 0 }), 0)
    await end(world, partition, 'commit')
    assert.equal(write(world, partition, { sequence: 1 }), 0)
    assert.equal(partition.logEndOffset, 3)
  })

  test('with a raised epoch end the sequences of the old one', async () => {
    const { world, partition } = await opened()
    write(world, partition, { sequence: 0 })
    assert.equal(await end(world, partition, 'commit', { epoch: 1, version: 2 }), 0)
    assert.equal(write(world, partition, { sequence: 1 }), ErrorCode.INVALID_PRODUCER_EPOCH)
    const wrong = write(world, partition, { epoch: 1, sequence: 1 })
    assert.equal(wrong, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.equal(write(world, partition, { epoch: 1, sequence: 0 }), 0)
  })

  test('of version 2 must exceed the epoch while something is open, and may be repeated after', async () => {
    const { world, partition } = await opened()
    write(world, partition, { epoch: 3 })
    assert.equal(
      await end(world, partition, 'abort', { epoch: 3, version: 2 }),
      ErrorCode.INVALID_PRODUCER_EPOCH,
    )
    assert.equal(await end(world, partition, 'abort', { epoch: 4, version: 2 }), 0)
    assert.equal(await end(world, partition, 'abort', { epoch: 4, version: 2 }), 0)
    write(world, partition, { epoch: 4 })
    assert.equal(
      await end(world, partition, 'abort', { epoch: 4, version: 2 }),
      ErrorCode.INVALID_PRODUCER_EPOCH,
    )
    assert.equal(partition.lastStableOffset, 3)
  })

  test('of version 1 must not fall below it', async () => {
    const { world, partition } = await opened()
    write(world, partition, { epoch: 3 })
    assert.equal(await end(world, partition, 'commit', { epoch: 2 }), ErrorCode.INVALID_PRODUCER_EPOCH)
    assert.equal(await end(world, partition, 'commit', { epoch: 3 }), 0)
  })

  test('of a coordinator that was replaced are refused', async () => {
    const { world, partition } = await opened()
    write(world, partition, {})
    await end(world, partition, 'commit', { coordinatorEpoch: 5 })
    const stale = await end(world, partition, 'commit', { coordinatorEpoch: 4 })
    assert.equal(stale, ErrorCode.TRANSACTION_COORDINATOR_FENCED)
    assert.equal(await end(world, partition, 'commit', { coordinatorEpoch: 6 }), 0)
  })

  test('end nothing where nothing was written', async () => {
    const { world, partition } = await opened()
    assert.equal(await end(world, partition, 'abort'), 0)
    assert.deepEqual([partition.lastStableOffset, partition.transactionIndex.aborted.length], [1, 0])
  })

  test('a failed write leaves the transaction open, with its epoch', async () => {
    const { world, partition } = await opened()
    write(world, partition, {})
    world.engine.failWrites('ENOSPC')
    const failed = await end(world, partition, 'abort', { epoch: 1, version: 2 })
    assert.equal(failed, ErrorCode.KAFKA_STORAGE_ERROR)
    world.advance(1_000)
    assert.deepEqual([partition.lastStableOffset, partition.logEndOffset], [0, 1])
    assert.equal(write(world, partition, { sequence: 1 }), 0)
    assert.equal(await end(world, partition, 'abort', { epoch: 1, version: 2 }), 0)
    assert.deepEqual(abortedOf(readFrom(partition, 0)), [[7, 0]])
  })

  test('a failed write takes back the beginning of a transaction', async () => {
    const { world, partition } = await opened()
    world.engine.failWrites('ENOSPC')
    write(world, partition, {})
    world.advance(1_000)
    world.produce(partition, batchOf(['a']))
    world.engine.run()
    assert.deepEqual([partition.lastStableOffset, partition.logEndOffset], [1, 1])
  })
})

describe('a transactional batch', () => {
  test('is verified once per transaction; what comes meanwhile keeps its order', async () => {
    const { world, partition } = await opened()
    const verifier = new HeldVerifier()
    const first = send(world, partition, { sequence: 0 }, { verifier })
    const second = send(world, partition, { sequence: 1 }, { verifier })
    const plain = world.produce(partition, batchOf(['plain']))
    assert.equal(verifier.asked.length, 1)
    const [question] = verifier.asked
    const { answer, ...asked } = question as (typeof verifier.asked)[number]
    assert.deepEqual(asked, {
      transactionalId: 'tx',
      producerId: 7,
      producerEpoch: 0,
      topic: 'orders',
      partition: 0,
      addImplicitly: true,
    })
    answer(ErrorCode.NONE)
    await settled()
    world.engine.run()
    const answers = await Promise.all([first.deferred, second.deferred, plain.deferred])
    assert.deepEqual(
      answers.map((each) => [each?.errorCode, each?.baseOffset]),
      [
        [0, 0],
        [0, 1],
        [0, 2],
      ],
    )
    const third = send(world, partition, { sequence: 2 }, { verifier })
    assert.deepEqual([third.submitted, third.deferred], [true, null])
    world.engine.run()
    await end(world, partition, 'commit')
    send(world, partition, { sequence: 3 }, { verifier, apiVersion: 11 })
    assert.equal(verifier.asked[1]?.addImplicitly, false)
  })

  const { TRANSACTION_ABORTABLE, INVALID_TXN_STATE, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH } = ErrorCode
  const refusals: readonly [number, number, number][] = [
    [TRANSACTION_ABORTABLE, 11, TRANSACTION_ABORTABLE],
    [TRANSACTION_ABORTABLE, 10, INVALID_TXN_STATE],
    [PRODUCER_FENCED, 12, INVALID_PRODUCER_EPOCH],
    [ErrorCode.CONCURRENT_TRANSACTIONS, 12, ErrorCode.NOT_ENOUGH_REPLICAS],
    [ErrorCode.NOT_COORDINATOR, 9, ErrorCode.NOT_ENOUGH_REPLICAS],
    [ErrorCode.INVALID_PRODUCER_ID_MAPPING, 12, ErrorCode.INVALID_PRODUCER_ID_MAPPING],
  ]
  for (const [answered, apiVersion, told] of refusals) {
    test(`version ${apiVersion} is told ${told} when the coordinator says ${answered}`, async () => {
      const { world, partition } = await opened()
      const verifier = new HeldVerifier()
      const out = send(world, partition, {}, { verifier, apiVersion })
      verifier.asked[0]?.answer(answered)
      assert.equal((await out.deferred)?.errorCode, told)
      assert.equal(partition.nextOffset(), 0)
    })
  }

  test('is verified once more when a marker came while it was', async () => {
    for (const [second, expected] of [
      [ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.TRANSACTION_ABORTABLE],
      [ErrorCode.NONE, ErrorCode.NONE],
    ] as const) {
      const { world, partition } = await opened()
      const verifier = new HeldVerifier()
      const out = send(world, partition, {}, { verifier })
      const next = send(world, partition, { sequence: 1 }, { verifier })
      await end(world, partition, 'abort')
      verifier.asked.shift()?.answer(ErrorCode.NONE)
      await settled()
      verifier.asked.shift()?.answer(second)
      await settled()
      // The second batch had shared the first answer; if the first one was refused, it is asked about itself.
      verifier.asked.shift()?.answer(second)
      await settled()
      world.engine.run()
      assert.equal((await out.deferred)?.errorCode, expected)
      assert.equal((await next.deferred)?.errorCode, expected)
    }
  })

  test('begins with sequence 0 where the broker adds the partition', async () => {
    const { world, partition } = await opened()
    assert.equal(write(world, partition, { sequence: 5 }), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.equal(write(world, partition, { sequence: 5 }, { apiVersion: 11 }), 0)
  })

  test('cannot be followed by a plain one before the marker', async () => {
    const { world, partition } = await opened()
    write(world, partition, {})
    assert.equal(write(world, partition, { sequence: 1, transactional: false }), INVALID_TXN_STATE)
    await end(world, partition, 'commit')
    assert.equal(write(world, partition, { sequence: 1, transactional: false }), 0)
  })

  test('of the broker itself needs no sequence, only a current epoch', async () => {
    const { world, partition } = await opened()
    const own = (producerEpoch: number) =>
      batchOf(['offsets'], { producerId: 7, producerEpoch, transactional: true })
    const written = partition.appendRecords(own(1))
    world.engine.run()
    await written
    await assert.rejects(partition.appendRecords(own(0)), { errorCode: INVALID_PRODUCER_EPOCH })
    assert.equal(partition.lastStableOffset, 0)
    await end(world, partition, 'commit', { epoch: 1 })
    assert.equal(partition.lastStableOffset, 2)
  })
})

describe('after a restart', () => {
  for (const kind of ['stop', 'kill', 'power'] as const) {
    test(`${kind}: open transactions, fences and aborted ones are as before`, async () => {
      const { world, partition } = await opened({ flushMessages: 1 })
      write(world, partition, { producerId: 1 })
      await end(world, partition, 'abort', { producerId: 1, epoch: 1, version: 2, coordinatorEpoch: 4 })
      write(world, partition, { producerId: 2, count: 3 })
      await world.engine.roll(partition.log)
      await settled()
      write(world, partition, { producerId: 3 })
      await end(world, partition, 'abort', { producerId: 3 })
      await settled()
      const [after, again] = await restarted(world, kind)
      assert.deepEqual([again.lastStableOffset, again.logEndOffset], [2, 7])
      const stale = await end(after, again, 'commit', { producerId: 1, epoch: 1, coordinatorEpoch: 3 })
      assert.equal(stale, ErrorCode.TRANSACTION_COORDINATOR_FENCED)
      assert.equal(write(after, again, { producerId: 1 }), ErrorCode.INVALID_PRODUCER_EPOCH)
      await end(after, again, 'commit', { producerId: 2 })
      assert.equal(again.lastStableOffset, 8)
      assert.deepEqual(abortedOf(readFrom(again, 0)), [[1, 0]])
      assert.deepEqual(abortedOf(readFrom(again, 5)), [[3, 5]])
    })
  }

  test('a power cut after a kill takes no index from the part that counts as recovered', async () => {
    const { world, partition } = await opened({ flushMessages: 1 })
    write(world, partition, {})
    await end(world, partition, 'abort')
    world.files.failNext('sync', 'EIO', '.txnindex')
    await world.engine.roll(partition.log)
    await settled()
    world.engine.crash({ power: false })
    const killed = await World.start({ disk: world.disk })
    await killed.open('orders', { config: { flushMessages: 1 } })
    killed.advance(60_000)
    await settled()
    const [, again] = await restarted(killed, 'power')
    assert.deepEqual(abortedOf(readFrom(again, 0)), [[7, 0]])
  })

  test('the snapshot holds the open transaction and the coordinator epoch', async () => {
    const { world, partition } = await opened()
    write(world, partition, { producerId: 1 })
    await end(world, partition, 'commit', { producerId: 1, coordinatorEpoch: 9 })
    write(world, partition, { producerId: 1, sequence: 1, count: 2 })
    await world.logs.stop()
    const rows = decodeSnapshot(world.disk.files.get(`${DIRECTORY}/00000000000000000004.snapshot`) as Buffer)
    const [row] = (rows ?? []).slice(-1)
    assert.deepEqual([row?.coordinatorEpoch, row?.currentTxnFirstOffset, row?.lastSequence], [9, 2, 2])
  })

  test('the index of every segment is made anew from the log when it is torn or gone', async () => {
    const { world, partition } = await opened({ flushMessages: 1 })
    for (let sequence = 0; sequence < 4; sequence++) {
      write(world, partition, { sequence })
      await end(world, partition, sequence % 2 === 0 ? 'abort' : 'commit')
      await world.engine.roll(partition.log)
      await settled()
    }
    const names = () => [...world.disk.files.keys()].filter((path) => path.endsWith('.txnindex')).sort()
    const before = names().map((path) => world.disk.files.get(path))
    assert.equal(before.length, 2)
    const [first, second] = names() as [string, string]
    world.disk.files.set(first, (world.disk.files.get(first) as Buffer).subarray(0, 20))
    world.disk.files.delete(second)
    const [, again] = await restarted(world, 'kill')
    assert.deepEqual(abortedOf(readFrom(again, 0)), [[7, 0]])
    assert.deepEqual(
      names().map((path) => world.disk.files.get(path)),
      before,
    )
  })
})

describe('the transaction index', () => {
  const path = `${DIRECTORY}/00000000000000000000.txnindex`

  test('is extended with every abort', async () => {
    const { world, partition } = await opened()
    write(world, partition, { producerId: 1 })
    write(world, partition, { producerId: 2 })
    await end(world, partition, 'abort', { producerId: 2 })
    await end(world, partition, 'commit', { producerId: 1 })
    await settled()
    assert.deepEqual(decodeAborted(world.disk.files.get(path) as Buffer, 0), [
      { producerId: 2, firstOffset: 1, lastOffset: 2, lastStableOffset: 0 },
    ])
  })

  test('that could not be extended is written whole by the next flush, before the recovery point moves', async () => {
    const { world, partition } = await opened()
    const abort = async (sequence: number) => {
      write(world, partition, { sequence })
      await end(world, partition, 'abort')
      await settled()
    }
    await abort(0)
    world.files.failNext('append', 'ENOSPC')
    await abort(1)
    await abort(2)
    world.files.failNext('replace', 'ENOSPC', '.txnindex')
    await world.engine.roll(partition.log)
    await settled()
    assert.equal(partition.recoveryPoint, 0)
    await world.logs.stop()
    assert.equal(decodeAborted(world.disk.files.get(path) as Buffer, 0)?.length, 3)
  })

  test('is not missed when the engine has just removed its segment', async () => {
    const { world, partition } = await opened()
    write(world, partition, {})
    await end(world, partition, 'abort')
    await settled()
    world.disk.files.delete(path)
    await world.logs.stop()
    assert.ok(world.disk.files.has('/data/a/.kafka_cleanshutdown'))
  })

  test('forgets what lies in deleted segments', async () => {
    const { world, partition } = await opened()
    write(world, partition, {})
    await end(world, partition, 'abort')
    await world.engine.roll(partition.log)
    await settled()
    write(world, partition, { sequence: 1 })
    await end(world, partition, 'abort')
    await partition.deleteRecordsBefore(2)
    assert.equal(partition.transactionIndex.aborted.length, 1)
    assert.deepEqual(abortedOf(readFrom(partition, 2)), [[7, 2]])
  })
})
