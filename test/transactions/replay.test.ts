import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ErrorCode } from '../../src/protocol/errors.js'
import { type Producer, replayed, settle, stored, TransactionWorld } from './harness.js'

describe('a restart', () => {
  it('writes the markers of an outcome that was stored', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer, [0, 1])
    world.targets.held = true
    await world.end(producer, true)
    const after = await world.restarted()
    after.targets.release()
    await settle()
    assert.equal(after.status(), 'CompleteCommit')
    assert.ok(after.targets.written.every(({ commit }) => commit))
  })

  it('forgets what was not stored', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    world.log.held = true
    const ending = world.end(producer, true)
    await settle()
    const after = await world.restarted()
    assert.equal((await ending).errorCode, ErrorCode.NOT_COORDINATOR)
    after.log.held = false
    assert.equal(after.status(), 'Ongoing')
    assert.equal(after.targets.written.length, 0)
  })

  it('keeps answering a retried EndTxn', async () => {
    const world = await TransactionWorld.start()
    const producer = await world.init()
    await world.add(producer)
    const ended = await world.end(producer, true)
    await settle()
    const after = await world.restarted()
    assert.deepEqual(await after.end(producer, true), ended)
  })
})

const step = fc.oneof(
  fc.record({ do: fc.constant('init' as const), known: fc.boolean() }),
  fc.record({ do: fc.constant('add' as const), partition: fc.nat(3), zombie: fc.boolean() }),
  fc.record({
    do: fc.constant('end' as const),
    commit: fc.boolean(),
    v2: fc.boolean(),
    zombie: fc.boolean(),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 5_000, 100_000) }),
  fc.record({ do: fc.constant('hold' as const), log: fc.boolean() }),
  fc.record({ do: fc.constant('release' as const) }),
  fc.record({ do: fc.constant('crash' as const) }),
)

describe('any history', () => {
  it('leaves a log that gives the same state, and never two outcomes of one epoch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let world = await TransactionWorld.start({ abortIntervalMs: 1_000 })
        let producer: Producer = { producerId: -1, producerEpoch: -1 }
        let zombie = producer
        const learned = (reply: Producer & { errorCode: number }) => {
          if (reply.errorCode !== ErrorCode.NONE || reply.producerId === -1) return
          zombie = producer
          producer = { producerId: reply.producerId, producerEpoch: reply.producerEpoch }
        }
        for (const action of steps) {
          if (action.do === 'init') {
            void world.init(action.known && producer.producerId !== -1 ? producer : null).then(learned)
          } else if (action.do === 'add') {
            void world.add(action.zombie ? zombie : producer, [action.partition], { patient: true })
          } else if (action.do === 'end') {
            const who = action.zombie ? zombie : producer
            void world.end(who, action.commit, action.v2 ? 2 : 0).then(action.zombie ? () => {} : learned)
          } else if (action.do === 'wait') await world.advance(action.ms)
          else if (action.do === 'hold') {
            if (action.log) world.log.held = true
            else world.targets.held = true
          } else if (action.do === 'release') {
            world.log.held = false
            world.log.complete()
            world.targets.release()
          } else {
            world = await world.restarted()
          }
          await settle()
        }
        world.log.held = false
        world.log.complete()
        world.targets.release()
        await world.advance(5_000)
        const shard = world.coordinator.inspect(0)
        assert.ok(shard !== undefined)
        assert.deepEqual(stored(await replayed(world.log)), stored(shard))
        const last = new Map<string, boolean>()
        for (const { place, producerId, producerEpoch, commit, transactionVersion } of world.targets
          .written) {
          if (transactionVersion < 2) continue
          const key = `${place} ${producerId} ${producerEpoch}`
          assert.equal(last.get(key) ?? commit, commit)
          last.set(key, commit)
        }
      }),
      { numRuns: 150 },
    )
  })
})
