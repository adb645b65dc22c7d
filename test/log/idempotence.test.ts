// Producer sequences: duplicates of the last five batches get their first answer, everything else out of order is
// refused. A property test compares the partition with a model that is too simple to be wrong.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Partition } from '../../src/log/partition.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { batchOf, settled, World } from '../sim/world.js'

const SEQUENCE_MAX = 0x7fffffff

interface Claim {
  epoch?: number
  sequence: number
  count?: number
  producerId?: number
  timestamp?: number
}

function claimed({
  epoch = 0,
  sequence,
  count = 1,
  producerId = 7,
  timestamp = 1_700_000_000_000,
}: Claim): Buffer {
  const values = Array.from({ length: count }, (_, index) => `v${index}`)
  return batchOf(values, { producerId, producerEpoch: epoch, baseSequence: sequence, timestamp })
}

function send(world: World, partition: Partition, claim: Claim) {
  const out = world.produce(partition, claimed(claim))
  world.engine.run()
  return [out.errorCode, out.baseOffset]
}

async function opened(): Promise<{ world: World; partition: Partition }> {
  const world = await World.start()
  return { world, partition: await world.open() }
}

describe('sequences', () => {
  test('follow each other, wrap at 2^31 - 1, and refuse gaps', async () => {
    const { world, partition } = await opened()
    assert.deepEqual(send(world, partition, { sequence: SEQUENCE_MAX - 1, count: 2 }), [0, 0])
    assert.deepEqual(send(world, partition, { sequence: 1 }), [ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1])
    assert.deepEqual(send(world, partition, { sequence: 0, count: 3 }), [0, 2])
    assert.deepEqual(send(world, partition, { sequence: 3 }), [0, 5])
  })

  test('a batch may span the wrap, and its retry is known', async () => {
    const { world, partition } = await opened()
    assert.deepEqual(send(world, partition, { sequence: SEQUENCE_MAX, count: 3 }), [0, 0])
    assert.deepEqual(send(world, partition, { sequence: SEQUENCE_MAX, count: 3 }), [0, 0])
    assert.deepEqual(send(world, partition, { sequence: 2 }), [0, 3])
  })

  test('a new epoch begins at 0, an old one is fenced', async () => {
    const { world, partition } = await opened()
    send(world, partition, { sequence: 0, epoch: 1 })
    assert.deepEqual(send(world, partition, { sequence: 0, epoch: 0 }), [
      ErrorCode.INVALID_PRODUCER_EPOCH,
      -1,
    ])
    const late = { sequence: 1, epoch: 2 }
    assert.deepEqual(send(world, partition, late), [ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1])
    assert.deepEqual(send(world, partition, { sequence: 0, epoch: 2 }), [0, 1])
    assert.deepEqual(send(world, partition, { sequence: 0, epoch: 1 }), [
      ErrorCode.INVALID_PRODUCER_EPOCH,
      -1,
    ])
  })

  test('an unknown producer may begin anywhere', async () => {
    const { world, partition } = await opened()
    assert.deepEqual(send(world, partition, { sequence: 42 }), [0, 0])
  })
})

describe('a retry', () => {
  test('of the last five gets the first offset and timestamp and stores nothing', async () => {
    const { world, partition } = await opened()
    for (let sequence = 0; sequence < 6; sequence++)
      send(world, partition, { sequence, timestamp: 1_700_000_000_000 + sequence })
    for (let sequence = 1; sequence < 6; sequence++) {
      const out = world.produce(partition, claimed({ sequence }))
      assert.deepEqual(
        [out.errorCode, out.baseOffset, out.logAppendTimeMs, out.submitted, out.deferred],
        [0, sequence, 1_700_000_000_000 + sequence, false, null],
      )
    }
    assert.deepEqual(send(world, partition, { sequence: 0 }), [ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1])
    assert.equal(partition.logEndOffset, 6)
  })

  test('with another end is no retry', async () => {
    const { world, partition } = await opened()
    send(world, partition, { sequence: 0, count: 2 })
    assert.deepEqual(send(world, partition, { sequence: 0, count: 1 }), [
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      -1,
    ])
  })

  test('of a batch in flight is answered when that one is written', async () => {
    const { world, partition } = await opened()
    world.produce(partition, claimed({ sequence: 0 }))
    const retry = world.produce(partition, claimed({ sequence: 0 }))
    let answered = false
    void retry.deferred?.then(() => {
      answered = true
    })
    await settled()
    assert.deepEqual([retry.submitted, retry.deferred !== null, answered], [false, true, false])
    world.engine.run()
    const answer = await retry.deferred
    assert.deepEqual([answer?.errorCode, answer?.baseOffset], [0, 0])
  })

  test('of a batch in flight fails with it, and the producer may send it again', async () => {
    const { world, partition } = await opened()
    send(world, partition, { sequence: 0 })
    world.engine.failWrites('ENOSPC')
    world.produce(partition, claimed({ sequence: 1 }))
    const retry = world.produce(partition, claimed({ sequence: 1 }))
    world.engine.run()
    assert.equal((await retry.deferred)?.errorCode, ErrorCode.KAFKA_STORAGE_ERROR)
    world.advance(1_000)
    assert.deepEqual(send(world, partition, { sequence: 1 }), [0, 1])
  })
})

describe('a failed write', () => {
  test('takes back an epoch and all its batches, and keeps the five before', async () => {
    const { world, partition } = await opened()
    for (let sequence = 0; sequence < 5; sequence++) send(world, partition, { sequence })
    world.engine.failWrites('ENOSPC')
    for (let sequence = 0; sequence < 8; sequence++) world.produce(partition, claimed({ epoch: 1, sequence }))
    world.engine.run()
    world.advance(1_000)
    for (let sequence = 0; sequence < 5; sequence++)
      assert.deepEqual(send(world, partition, { sequence }), [0, sequence])
    assert.deepEqual(send(world, partition, { sequence: 5 }), [0, 5])
  })
})

describe('idle producers', () => {
  test('are forgotten after producer.id.expiration.ms', async () => {
    const { world, partition } = await opened()
    send(world, partition, { sequence: 0 })
    world.advance(86_400_000 - 600_000)
    assert.equal(partition.producers.size, 1)
    for (let i = 0; i < 2; i++) world.advance(600_000)
    assert.equal(partition.producers.size, 0)
  })

  test('are what the log says when a kill brings them back, for another such time', async () => {
    const { world, partition } = await opened()
    send(world, partition, { sequence: 0, epoch: 1 })
    for (let i = 0; i < 145; i++) world.advance(600_000)
    assert.equal(partition.producers.size, 0)
    assert.deepEqual(send(world, partition, { sequence: 7, epoch: 1 }), [0, 1], 'whatever comes next')
    world.engine.crash()
    const after = await World.start({ disk: world.disk })
    const again = await after.open()
    assert.deepEqual(send(after, again, { sequence: 7, epoch: 1 }), [0, 1])
    assert.deepEqual(send(after, again, { sequence: 9, epoch: 1 }), [
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      -1,
    ])
    assert.deepEqual(send(after, again, { sequence: 0, epoch: 0 }), [ErrorCode.INVALID_PRODUCER_EPOCH, -1])
    assert.deepEqual(send(after, again, { sequence: 8, epoch: 1 }), [0, 2])
    for (let i = 0; i < 145; i++) after.advance(600_000)
    assert.equal(again.producers.size, 0)
  })

  test('are kept while their transaction is open', async () => {
    const { world, partition } = await opened()
    const bytes = batchOf(['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true })
    world.produce(partition, bytes, { transactionalId: 'tx' })
    world.engine.run()
    for (let i = 0; i < 300; i++) world.advance(600_000)
    assert.equal(partition.producers.size, 1)
    const mark = {
      producerId: 7,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      commit: false,
      transactionVersion: 1,
    }
    const ended = partition.appendMarker(mark)
    world.engine.run()
    await ended
    world.advance(600_000)
    assert.equal(partition.producers.size, 1, 'the marker counts as a sign of life')
    for (let i = 0; i < 145; i++) world.advance(600_000)
    assert.equal(partition.producers.size, 0)
  })
})

describe('after a restart', () => {
  for (const end of ['clean stop', 'kill', 'kill after a roll'] as const) {
    test(`${end}: a retry gets its first offset`, async () => {
      const { world, partition } = await opened()
      for (let sequence = 0; sequence < 3; sequence++) send(world, partition, { sequence })
      if (end === 'kill after a roll') {
        await world.engine.roll(partition.log)
        await settled()
        send(world, partition, { sequence: 3 })
      }
      if (end === 'clean stop') await world.logs.stop()
      else world.engine.crash()
      const after = await World.start({ disk: world.disk })
      const again = await after.open()
      const last = partition.logEndOffset - 1
      assert.deepEqual(send(after, again, { sequence: last }), [0, last])
      assert.deepEqual(send(after, again, { sequence: last + 2 }), [
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        -1,
      ])
      assert.deepEqual(send(after, again, { sequence: last + 1 }), [0, last + 1])
    })
  }

  for (const end of ['clean stop', 'kill', 'power cut'] as const) {
    test(`${end}: a retry gets its first offset though the records were deleted`, async () => {
      const { world, partition } = await opened()
      for (let sequence = 0; sequence < 3; sequence++) send(world, partition, { sequence })
      await partition.deleteRecordsBefore(2)
      send(world, partition, { sequence: 3 })
      await partition.deleteRecordsBefore(4)
      if (end === 'clean stop') await world.logs.stop()
      else world.engine.crash({ power: end === 'power cut' })
      const after = await World.start({ disk: world.disk })
      const again = await after.open()
      assert.deepEqual([again.logStartOffset, again.logEndOffset], [4, 4])
      for (let sequence = 0; sequence < 4; sequence++)
        assert.deepEqual(send(after, again, { sequence }), [0, sequence])
      assert.deepEqual(send(after, again, { sequence: 5 }), [ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1])
      assert.deepEqual(send(after, again, { sequence: 4 }), [0, 4])
      const names = [...after.disk.files.keys()].filter((name) => name.endsWith('.snapshot'))
      assert.equal(names.length, 1, 'one for the start of the log is enough')
    })
  }

  test('retention that runs into a kill forgets no producer', async () => {
    const world = await World.start()
    const partition = await world.open('orders', { config: { retentionMs: 1_000 } })
    for (let sequence = 0; sequence < 3; sequence++) send(world, partition, { sequence, timestamp: 1 })
    world.advance(300_000)
    for (let turn = 0; turn < 20; turn++) {
      world.engine.run()
      await settled()
    }
    assert.equal(partition.logStartOffset, 3)
    world.engine.crash()
    const after = await World.start({ disk: world.disk })
    assert.deepEqual(send(after, await after.open(), { sequence: 2 }), [0, 2])
  })

  test('a torn snapshot is dropped and the log is read instead', async () => {
    const { world, partition } = await opened()
    for (let sequence = 0; sequence < 3; sequence++) send(world, partition, { sequence })
    await world.logs.stop()
    const path = '/data/a/orders-0/00000000000000000003.snapshot'
    world.disk.files.set(path, (world.disk.files.get(path) as Buffer).subarray(0, 20))
    world.disk.files.delete('/data/a/.kafka_cleanshutdown')
    const after = await World.start({ disk: world.disk })
    assert.deepEqual(send(after, await after.open(), { sequence: 2 }), [0, 2])
    assert.equal(after.disk.files.has(path), false)
  })
})

type Step =
  | { kind: 'send'; producerId: number; back: number; skip: number; count: number; epochStep: number }
  | { kind: 'run' }
  | { kind: 'fail' }

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('send' as const),
        producerId: fc.integer({ min: 1, max: 2 }),
        back: fc.integer({ min: 0, max: 7 }),
        skip: fc.constantFrom(0, 0, 0, 1),
        count: fc.integer({ min: 1, max: 3 }),
        epochStep: fc.constantFrom(0, 0, 0, 0, 0, 1, -1),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ kind: 'run' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'fail' as const }) },
  ),
  { maxLength: 60 },
)

interface ModelBatch {
  epoch: number
  first: number
  last: number
  offset: number
  end: number
}

/** All batches of a producer ever taken and not lost; the rules are read off the list. */
class Model {
  batches: ModelBatch[] = []

  expected(claim: { epoch: number; first: number; last: number }): { code: number; offset: number | null } {
    const newest = this.batches.at(-1)
    if (newest === undefined) return { code: 0, offset: null }
    const five = this.batches.filter((batch) => batch.epoch === newest.epoch).slice(-5)
    const repeated = five.find(
      (batch) => batch.epoch === claim.epoch && batch.first === claim.first && batch.last === claim.last,
    )
    if (repeated !== undefined) return { code: 0, offset: repeated.offset }
    if (claim.epoch < newest.epoch) return { code: ErrorCode.INVALID_PRODUCER_EPOCH, offset: null }
    const next = claim.epoch > newest.epoch ? 0 : newest.last + 1
    const code = claim.first === next ? 0 : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    return { code, offset: null }
  }
}

test('any mix of sends, retries, gaps, epochs and failed writes agrees with the model', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan: Step[]) => {
      const { world, partition } = await opened()
      const models = new Map([1, 2].map((id) => [id, new Model()]))
      for (const step of plan) {
        if (step.kind === 'send') sendStep(world, partition, models.get(step.producerId) as Model, step)
        else world.engine.run()
        if (partition.status === 'paused') {
          for (const model of models.values()) {
            model.batches = model.batches.filter((batch) => batch.end <= partition.logEndOffset)
          }
          world.advance(1_000)
          world.engine.run()
        }
        if (step.kind === 'fail') world.engine.failWrites('ENOSPC')
      }
    }),
    { numRuns: 150 },
  )
})

function sendStep(
  world: World,
  partition: Partition,
  model: Model,
  step: Extract<Step, { kind: 'send' }>,
): void {
  const old = model.batches.at(-1 - step.back)
  const newest = model.batches.at(-1)
  const epoch = Math.max(0, (newest?.epoch ?? 0) + step.epochStep)
  const fresh = { epoch, first: epoch > (newest?.epoch ?? 0) ? 0 : (newest?.last ?? -1) + 1 + step.skip }
  const again = step.back > 0 && old !== undefined
  const claim = again
    ? { epoch: old.epoch, first: old.first, last: old.last }
    : { ...fresh, last: fresh.first + step.count - 1 }
  const expected = model.expected(claim)
  const nextOffset = partition.nextOffset()
  const count = claim.last - claim.first + 1
  const out = world.produce(
    partition,
    claimed({ epoch: claim.epoch, sequence: claim.first, count, producerId: step.producerId }),
  )
  assert.equal(out.errorCode, expected.code)
  if (expected.code !== 0) return
  assert.equal(out.baseOffset, expected.offset ?? nextOffset)
  assert.equal(out.submitted, expected.offset === null)
  if (expected.offset === null) model.batches.push({ ...claim, offset: nextOffset, end: nextOffset + count })
}
