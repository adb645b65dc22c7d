// Goal: after a crash a log without producers and transactions is not read a second time for them, and one with them
// is. Method: a simulated engine that counts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CheckpointFile } from '../../src/log/checkpoints.js'
import type { BatchOptions } from '../../src/protocol/records/batch-builder.js'
import { SimEngine } from '../sim/engine.js'
import { batchOf, World } from '../sim/world.js'

class CountingEngine extends SimEngine {
  headerReads = 0

  override readHeaders(log: number, offset: number, batchesMax: number): Promise<Buffer> {
    this.headerReads++
    return super.readHeaders(log, offset, batchesMax)
  }
}

/** A partition with these batches, each under a leader epoch of its own, after a crash and a start. */
async function reopened(batches: readonly BatchOptions[]) {
  const world = await World.start()
  const partition = await world.open('orders')
  for (const [epoch, options] of batches.entries()) {
    partition.lead(epoch)
    world.produce(partition, batchOf(['a'], options))
    world.engine.run()
  }
  world.engine.crash()
  world.disk.files.delete(`/data/a/orders-0/${CheckpointFile.leaderEpoch}`)
  const engine = new CountingEngine({ disk: world.disk })
  const again = await World.start({ disk: world.disk, engine })
  return { engine, partition: await again.open('orders', { leaderEpoch: batches.length }) }
}

const epochs = [
  { epoch: 0, startOffset: 0 },
  { epoch: 1, startOffset: 1 },
  { epoch: 2, startOffset: 2 },
  { epoch: 3, startOffset: 3 },
]

test('what the scan has told is not asked for again', async () => {
  const { engine, partition } = await reopened([{}, {}, {}])
  assert.equal(engine.headerReads, 0)
  assert.deepEqual(partition.epochs.all, epochs)
  assert.equal(partition.logEndOffset, 3)
})

test('a producer is found again', async () => {
  const producer = { producerId: 7, producerEpoch: 2, baseSequence: 4 }
  const { engine, partition } = await reopened([{}, producer, {}])
  assert.ok(engine.headerReads > 0)
  assert.deepEqual(partition.epochs.all, epochs)
  assert.equal(partition.producers.lastSequence(7), 4)
})
