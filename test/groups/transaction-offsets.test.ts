// Offsets committed inside a transaction: invisible until its marker, and fenced like those of a plain commit.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildTransactionMarker } from '../../src/protocol/records/batch-builder.js'
import { isTransactional, producerEpoch, producerId } from '../../src/protocol/records/batch-header.js'
import { settle } from '../coordinator/memory-log.js'
import { GROUP, GroupWorld, replayed, TOPIC_ID } from './harness.js'

const verified = async () => ErrorCode.NONE

async function commit(
  world: GroupWorld,
  member: { memberId?: string; generationId?: number; groupInstanceId?: string | null } = {},
  options: { offset?: number; verify?: () => Promise<number>; producerEpoch?: number } = {},
): Promise<number> {
  const partition = {
    partitionIndex: 0,
    committedOffset: options.offset ?? 9,
    committedLeaderEpoch: -1,
    committedMetadata: null,
  }
  const request = {
    groupId: GROUP,
    generationId: member.generationId ?? -1,
    memberId: member.memberId ?? '',
    groupInstanceId: member.groupInstanceId ?? null,
    producerId: 40,
    producerEpoch: options.producerEpoch ?? 2,
    topics: [{ name: 'topic', topicId: TOPIC_ID, partitions: [partition] }],
  }
  const topics = await world.coordinator.commitTransactionOffsets(request, options.verify ?? verified)
  return topics[0]?.partitions[0]?.errorCode ?? -2
}

function end(world: GroupWorld, commit: boolean, { epoch = 3, version = 2 } = {}): void {
  const ended = { producerId: 40, producerEpoch: epoch, commit, transactionVersion: version }
  world.coordinator.endingTransaction(ended)
  world.coordinator.completeTransaction(0, ended)
}

async function stability(world: GroupWorld): Promise<number> {
  const topics = [{ name: 'topic', partitionIndexes: [0] }]
  const reply = await world.coordinator.fetchOffsets({ groupId: GROUP, topics, requireStable: true })
  return reply.topics[0]?.partitions[0]?.errorCode ?? -2
}

test('offsets are seen when the transaction commits', async () => {
  const world = await GroupWorld.start()
  await world.commit({ offset: 4 })
  assert.equal(await commit(world), ErrorCode.NONE)
  assert.equal(await world.fetch(), 4)
  assert.equal(await stability(world), ErrorCode.UNSTABLE_OFFSET_COMMIT)
  end(world, true)
  assert.equal(await world.fetch(), 9)
  assert.equal(await stability(world), ErrorCode.NONE)
})

test('offsets vanish when it aborts', async () => {
  const world = await GroupWorld.start()
  await world.commit({ offset: 4 })
  await commit(world)
  end(world, false)
  assert.equal(await world.fetch(), 4)
  assert.equal(await stability(world), ErrorCode.NONE)
})

test('they are written in a transactional batch of their own', async () => {
  const world = await GroupWorld.start()
  await Promise.all([world.commit({ offset: 4 }), commit(world), world.commit({ offset: 5 })])
  const batches = world.log.batches.map((batch) => [
    isTransactional(batch, 0),
    producerId(batch, 0),
    producerEpoch(batch, 0),
  ])
  assert.ok(world.log.wholeBatches())
  assert.deepEqual(
    batches.filter(([transactional]) => transactional),
    [[true, 40, 2]],
  )
  assert.ok(batches.some(([transactional, id, epoch]) => !transactional && id === -1 && epoch === -1))
  const shard = await replayed(world.log, world.config)
  assert.ok(shard.offsets.hasPending({ group: GROUP, topic: 'topic', partition: 0 }))
})

test('a restart keeps them pending', async () => {
  const world = await GroupWorld.start()
  await commit(world)
  const after = await world.restarted()
  assert.equal(await after.fetch(), -1)
  assert.equal(await stability(after), ErrorCode.UNSTABLE_OFFSET_COMMIT)
  end(after, true)
  assert.equal(await after.fetch(), 9)
})

test('who may commit', async () => {
  const world = await GroupWorld.start()
  assert.equal(await commit(world, { generationId: 3, memberId: 'x' }), ErrorCode.ILLEGAL_GENERATION)
  const { leader, follower } = await world.completing()
  assert.equal(await commit(world, leader), ErrorCode.NONE, 'also while the group waits for its assignment')
  await world.syncAll([leader, follower])
  assert.equal(await commit(world), ErrorCode.NONE, 'an old producer knows no members')
  assert.equal(await commit(world, { ...leader, generationId: 9 }), ErrorCode.ILLEGAL_GENERATION)
  assert.equal(await commit(world, { ...leader, memberId: 'stranger' }), ErrorCode.UNKNOWN_MEMBER_ID)
})

test('what the transaction coordinator refuses is not written', async () => {
  const world = await GroupWorld.start()
  const refusal = ErrorCode.INVALID_PRODUCER_EPOCH
  assert.equal(await commit(world, {}, { verify: async () => refusal }), refusal)
  assert.equal(world.log.recordTotal, 0)
})

test('a transaction that ended during verification takes no offsets, the next one does', async () => {
  for (const [transaction, expected] of [
    [{ epoch: 3, version: 2 }, ErrorCode.INVALID_TXN_STATE],
    [{ epoch: 2, version: 0 }, ErrorCode.INVALID_TXN_STATE],
    [{ epoch: 2, version: 2 }, ErrorCode.NONE],
  ] as const) {
    const world = await GroupWorld.start()
    let answer: (code: number) => void = () => {}
    const committing = commit(world, {}, { verify: () => new Promise((resolve) => (answer = resolve)) })
    await settle()
    end(world, true, transaction)
    answer(ErrorCode.NONE)
    assert.equal(await committing, expected)
  }
})

const step = fc.oneof(
  fc.record({ do: fc.constant('plain' as const), offset: fc.nat(99) }),
  fc.record({ do: fc.constant('pending' as const), offset: fc.nat(99) }),
  fc.record({ do: fc.constant('end' as const), commit: fc.boolean() }),
  fc.record({ do: fc.constant('restart' as const) }),
)

test('whatever order commits, markers and restarts come in, the log gives the same offsets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      let world = await GroupWorld.start()
      /** What a reader should see, and what the open transaction would make of it. */
      let visible = -1
      let pending: number | null = null
      for (const action of steps) {
        if (action.do === 'plain') {
          await world.commit({ offset: action.offset })
          visible = action.offset
          // The later commit wins, also when the transaction ends after it.
          if (pending !== null) pending = action.offset
        } else if (action.do === 'pending') {
          await commit(world, {}, { offset: action.offset })
          pending = action.offset
        } else if (action.do === 'end') {
          const marker = { producerId: 40, producerEpoch: 2, coordinatorEpoch: 0, commit: action.commit }
          world.log.store(buildTransactionMarker({ ...marker, timestamp: 0 }))
          end(world, action.commit, { epoch: 2, version: 0 })
          if (pending !== null && action.commit) visible = pending
          pending = null
        } else {
          world = await world.restarted()
        }
        assert.equal(await world.fetch(), visible)
      }
      const shard = world.shard()
      assert.ok(shard !== undefined)
      assert.deepEqual((await world.replayed()).offsets.snapshot(), shard.offsets.snapshot())
    }),
    { numRuns: 100 },
  )
})
