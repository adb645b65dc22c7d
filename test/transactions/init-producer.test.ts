import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { settle, TransactionWorld } from './harness.js'

const { NONE, CONCURRENT_TRANSACTIONS, PRODUCER_FENCED } = ErrorCode

describe('InitProducerId', () => {
  it('refuses timeouts the broker does not allow', async () => {
    const world = await TransactionWorld.start({ transactionMaxTimeoutMs: 1_000 })
    for (const transactionTimeoutMs of [0, -1, 1_001]) {
      const reply = await world.init(null, { transactionTimeoutMs })
      assert.equal(reply.errorCode, ErrorCode.INVALID_TRANSACTION_TIMEOUT)
    }
    assert.equal((await world.init(null, { transactionTimeoutMs: 1_000 })).errorCode, NONE)
  })

  it('raises the epoch for each new producer', async () => {
    const world = await TransactionWorld.start()
    const first = await world.init()
    assert.deepEqual(await world.init(), { ...first, producerEpoch: 1 })
  })

  it('aborts an open transaction first', async () => {
    const world = await TransactionWorld.start()
    const zombie = await world.init()
    await world.add(zombie)
    world.targets.held = true
    assert.equal((await world.init()).errorCode, CONCURRENT_TRANSACTIONS)
    assert.equal(world.status(), 'PrepareAbort')
    assert.equal((await world.init()).errorCode, CONCURRENT_TRANSACTIONS)
    world.targets.release()
    await settle()
    assert.deepEqual(
      world.targets.written.map(({ commit, producerEpoch }) => [commit, producerEpoch]),
      [[false, 1]],
    )
    const successor = await world.init()
    assert.deepEqual(successor, { ...zombie, producerEpoch: 2 })
    for (const version of [0, 2]) {
      assert.equal((await world.end(zombie, true, version)).errorCode, PRODUCER_FENCED)
      assert.equal((await world.end(zombie, false, version)).errorCode, PRODUCER_FENCED)
    }
  })

  it('lets a producer go on with its id, and its retry too', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    const next = await world.init(producer)
    assert.deepEqual(next, { ...producer, producerEpoch: 1 })
    assert.deepEqual(await world.init(producer), next)
    assert.equal((await world.init({ producerId: 5, producerEpoch: 0 })).errorCode, PRODUCER_FENCED)
    await world.init()
    assert.equal((await world.init(producer)).errorCode, PRODUCER_FENCED)
    assert.equal((await world.init(next)).errorCode, PRODUCER_FENCED)
  })

  it('aborts what its producer has open, which then goes on in the epoch of the abort', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    assert.equal((await world.init(producer)).errorCode, CONCURRENT_TRANSACTIONS)
    await settle()
    assert.equal(world.status(), 'CompleteAbort')
    const next = await world.init(producer)
    assert.deepEqual(next, { ...producer, producerEpoch: 1 })
    assert.deepEqual(await world.init(producer), next, 'a retry')
    await world.add(next)
    assert.equal((await world.init()).errorCode, CONCURRENT_TRANSACTIONS)
    await settle()
    assert.equal((await world.init(next)).errorCode, PRODUCER_FENCED, 'another one came')
  })

  it('does not let a zombie abort the transaction of its successor', async () => {
    const world = await TransactionWorld.start()
    const zombie = await world.init()
    const successor = await world.init()
    await world.add(successor)
    assert.equal((await world.init(zombie)).errorCode, PRODUCER_FENCED)
    assert.equal(world.status(), 'Ongoing')
  })

  it('gives a new producer id when epochs are used up', async () => {
    const world = await TransactionWorld.start()
    const { producerId } = await world.init()
    await world.atEpoch(32_766)
    const last = { producerId, producerEpoch: 32_766 }
    assert.equal((await world.init({ ...last, producerEpoch: 9 })).errorCode, PRODUCER_FENCED)
    const rotated = await world.init(last)
    assert.deepEqual(rotated, { errorCode: NONE, producerId: producerId + 1, producerEpoch: 0 })
    assert.deepEqual(await world.init(last), rotated, 'a retry')
  })

  it('gives one also when the abort took the last epoch', async () => {
    const world = await TransactionWorld.start()
    const { producerId } = await world.init()
    await world.atEpoch(32_766)
    const last = { producerId, producerEpoch: 32_766 }
    await world.add(last)
    assert.equal((await world.init(last)).errorCode, CONCURRENT_TRANSACTIONS)
    await settle()
    const rotated = await world.init(last)
    assert.deepEqual(rotated, { errorCode: NONE, producerId: producerId + 1, producerEpoch: 0 })
    assert.deepEqual(await world.init(last), rotated, 'a retry')
  })
})

describe('time', () => {
  it('aborts and fences what takes too long', async () => {
    const world = await TransactionWorld.start({ abortIntervalMs: 1_000 })
    const producer = await world.init(null, { transactionTimeoutMs: 5_000 })
    await world.add(producer)
    await world.advance(4_000)
    assert.equal(world.status(), 'Ongoing')
    await world.advance(3_000)
    assert.equal(world.status(), 'CompleteAbort')
    assert.equal(world.epoch(), 1)
    assert.equal(await world.add(producer), PRODUCER_FENCED)
    assert.equal((await world.end(producer, true, 0)).errorCode, PRODUCER_FENCED)
    assert.equal((await world.end(producer, false, 0)).errorCode, PRODUCER_FENCED)
    assert.equal((await world.end(producer, true)).errorCode, ErrorCode.INVALID_TXN_STATE)
    const next = await world.end(producer, false)
    assert.deepEqual(next, { ...producer, producerEpoch: 1 }, 'it may go on once it aborts too')
    assert.equal(await world.add(next), NONE)
  })

  it('lets the producer go on when it names the id it has', async () => {
    const world = await TransactionWorld.start({ abortIntervalMs: 1_000 })
    const producer = await world.init(null, { transactionTimeoutMs: 5_000 })
    await world.add(producer)
    await world.advance(7_000)
    assert.equal(world.status(), 'CompleteAbort')
    const next = await world.init(producer)
    assert.deepEqual(next, { ...producer, producerEpoch: 1 })
    assert.deepEqual(await world.init(producer), next, 'a retry')
  })

  it('removes ids nobody used, but no open transaction', async () => {
    const world = await TransactionWorld.start({
      transactionalIdExpirationMs: 10_000,
      expiryIntervalMs: 1_000,
    })
    const producer = await world.init()
    await world.add(producer)
    await world.advance(20_000)
    assert.equal(world.status(), 'Ongoing')
    await world.end(producer, true)
    await world.advance(9_000)
    assert.equal(world.status(), 'CompleteCommit')
    await world.advance(3_000)
    assert.equal(world.status(), 'none')
    assert.notEqual((await world.init()).producerId, producer.producerId)
  })
})
