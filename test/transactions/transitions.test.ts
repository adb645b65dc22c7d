import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { isLegalTransition, TransactionStatus } from '../../src/transactions/status.js'
import { ID, settle, TransactionWorld } from './harness.js'

const { NONE, CONCURRENT_TRANSACTIONS, INVALID_TXN_STATE, PRODUCER_FENCED } = ErrorCode
const { INVALID_PRODUCER_ID_MAPPING } = ErrorCode

describe('the states of a transaction', () => {
  it('know their ways', () => {
    const { Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, Dead } = TransactionStatus
    assert.ok(isLegalTransition(Ongoing, PrepareCommit))
    assert.ok(isLegalTransition(Empty, PrepareAbort))
    assert.ok(!isLegalTransition(Empty, PrepareCommit))
    assert.ok(!isLegalTransition(PrepareCommit, PrepareAbort))
    assert.ok(!isLegalTransition(Ongoing, CompleteCommit))
    assert.ok(!isLegalTransition(Ongoing, Dead))
  })

  it('go from nothing to a completed commit', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    assert.deepEqual(producer, { errorCode: NONE, producerId: 1000, producerEpoch: 0 })
    assert.equal(world.status(), 'Empty')
    assert.equal(await world.add(producer, [0, 1]), NONE)
    assert.equal(world.status(), 'Ongoing')
    world.targets.held = true
    const ended = await world.end(producer, true)
    assert.deepEqual(ended, { errorCode: NONE, producerId: 1000, producerEpoch: 1 })
    await settle()
    assert.equal(world.status(), 'PrepareCommit')
    world.targets.release()
    await settle()
    assert.equal(world.status(), 'CompleteCommit')
    assert.deepEqual(
      world.targets.written.map(({ place, commit, producerEpoch, coordinatorEpoch, transactionVersion }) => [
        place,
        commit,
        producerEpoch,
        coordinatorEpoch,
        transactionVersion,
      ]),
      [
        ['topic-0', true, 1, 7, 2],
        ['topic-1', true, 1, 7, 2],
      ],
    )
    assert.deepEqual(world.targets.told, ['topic-0', 'topic-1'])
  })

  it('keep the epoch when an older client ends a transaction', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer, [0], { version: 0 })
    assert.deepEqual(await world.end(producer, false, 0), { ...producer, errorCode: NONE })
    await settle()
    assert.equal(world.status(), 'CompleteAbort')
    assert.equal(world.targets.written[0]?.producerEpoch, 0)
    assert.equal((await world.end(producer, false, 0)).errorCode, NONE, 'a retry')
    assert.equal((await world.end(producer, true, 0)).errorCode, INVALID_TXN_STATE, 'another outcome')
  })

  it('stay open until a marker that fails is written', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer, [0, 1])
    world.targets.failing.set('topic-1', ErrorCode.NOT_LEADER_OR_FOLLOWER)
    await world.end(producer, true)
    await world.advance(500)
    assert.equal(world.status(), 'PrepareCommit')
    world.targets.failing.clear()
    await world.advance(1_000)
    assert.equal(world.status(), 'CompleteCommit')
    assert.equal(world.targets.written.length, 2)
  })

  it('do not wait for partitions that are gone', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    world.targets.gone.add('topic-0')
    await world.end(producer, true)
    await settle()
    assert.equal(world.status(), 'CompleteCommit')
  })
})

describe('EndTxn', () => {
  it('is answered the same when it is retried', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    world.targets.held = true
    const first = await world.end(producer, true)
    assert.equal((await world.end(producer, true)).errorCode, CONCURRENT_TRANSACTIONS)
    assert.equal((await world.end(producer, false)).errorCode, INVALID_TXN_STATE)
    world.targets.release()
    await settle()
    assert.deepEqual(await world.end(producer, true), first)
    assert.equal((await world.end(producer, false)).errorCode, INVALID_TXN_STATE)
  })

  it('of version 2 aborts what never began, for the next epoch', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    assert.equal((await world.end(producer, true)).errorCode, INVALID_TXN_STATE)
    assert.equal((await world.end(producer, false, 0)).errorCode, INVALID_TXN_STATE)
    const aborted = await world.end(producer, false)
    assert.deepEqual(aborted, { ...producer, producerEpoch: 1 })
    assert.equal(world.status(), 'CompleteAbort')
    assert.deepEqual(await world.end(aborted, false), { ...producer, producerEpoch: 2 })
  })

  it('is refused to strangers', async () => {
    const world = await TransactionWorld.start()
    assert.equal(
      (await world.end({ producerId: 1, producerEpoch: 0 }, true)).errorCode,
      INVALID_PRODUCER_ID_MAPPING,
    )
    const producer = await world.init()
    await world.add(producer)
    assert.equal(
      (await world.end({ ...producer, producerId: 5 }, true)).errorCode,
      INVALID_PRODUCER_ID_MAPPING,
    )
    assert.equal((await world.end({ ...producer, producerEpoch: 3 }, true)).errorCode, PRODUCER_FENCED)
  })

  it('gives a new producer id when epochs are used up', async () => {
    const world = await TransactionWorld.start()
    const { producerId } = await world.init()
    await world.atEpoch(32_766)
    const last = { producerId, producerEpoch: 32_766 }
    await world.add(last)
    world.targets.held = true
    const ended = await world.end(last, true)
    assert.deepEqual(ended, { errorCode: NONE, producerId: producerId + 1, producerEpoch: 0 })
    assert.equal(await world.add(ended), CONCURRENT_TRANSACTIONS, 'the markers are not written yet')
    world.targets.release()
    await settle()
    assert.equal(world.targets.written[0]?.producerEpoch, 32_767)
    assert.equal(world.targets.written[0]?.producerId, producerId)
    assert.deepEqual(await world.end(last, true), ended, 'a retry')
    assert.equal(await world.add(ended), NONE)
  })

  it('is answered only once the outcome is stored, and markers follow it', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    world.log.held = true
    let answered = false
    const ending = world.end(producer, true).then((reply) => {
      answered = true
      return reply
    })
    await settle()
    assert.ok(!answered)
    assert.equal(world.targets.written.length, 0)
    world.log.held = false
    world.log.complete()
    assert.equal((await ending).errorCode, NONE)
    await settle()
    assert.equal(world.targets.written.length, 1)
  })
})

describe('AddPartitionsToTxn', () => {
  it('is refused to strangers and zombies', async () => {
    const world = await TransactionWorld.start()
    assert.equal(await world.add({ producerId: 1, producerEpoch: 0 }), INVALID_PRODUCER_ID_MAPPING)
    const producer = await world.init()
    assert.equal(await world.add({ ...producer, producerId: 77 }), INVALID_PRODUCER_ID_MAPPING)
    const successor = await world.init()
    assert.equal(await world.add(producer), PRODUCER_FENCED)
    assert.equal(await world.add(successor), NONE)
  })

  it('waits for the end of the transaction before, if asked to', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    world.targets.held = true
    const next = await world.end(producer, true)
    assert.equal(await world.add(next), CONCURRENT_TRANSACTIONS)
    const patient = world.add(next, [3], { patient: true })
    await settle()
    world.targets.release()
    assert.equal(await patient, NONE)
    assert.equal(world.status(), 'Ongoing')
    assert.ok(world.coordinator.inspect(0)?.transactions.get(ID)?.has('topic', 3))
    assert.ok(!world.coordinator.inspect(0)?.transactions.get(ID)?.has('topic', 0))
  })

  it('does not wait for ever', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    world.targets.held = true
    const next = await world.end(producer, true)
    const patient = world.add(next, [3], { patient: true })
    await settle()
    await world.advance(1_000)
    assert.equal(await patient, CONCURRENT_TRANSACTIONS)
  })

  it('writes nothing for partitions that are in already', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer, [0, 1])
    const before = world.log.recordTotal
    assert.equal(await world.add(producer, [1]), NONE)
    assert.equal(world.log.recordTotal, before)
  })

  it('makes a partition pass verification', async () => {
    const world = await TransactionWorld.start()
    const producer = { transactionalId: ID, ...(await world.init()) }
    const place = { topic: 'topic', partition: 0 }
    assert.equal(await world.coordinator.verify(producer, place), ErrorCode.TRANSACTION_ABORTABLE)
    await world.add(producer)
    assert.equal(await world.coordinator.verify(producer, place), NONE)
    assert.equal(await world.coordinator.verify({ ...producer, producerEpoch: 4 }, place), PRODUCER_FENCED)
  })
})
