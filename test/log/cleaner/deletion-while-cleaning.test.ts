// Goal: what is deleted while a log is being compacted leaves after the round, so that neither ends the other early.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_CLEANING } from '../../../src/log/cleaner/settings.js'
import type { CleanedLog, CleanOptions } from '../../../src/native/engine.js'
import { batchOf, settled, World } from '../../sim/world.js'

const CONFIG = {
  cleanupPolicy: new Set(['compact', 'delete'] as const),
  minCleanableDirtyRatio: 0,
  retentionMs: -1,
  segmentBytes: batchOf(['a']).length,
}

/** A world with five closed segments, whose rounds of compaction end when told to. */
async function worldOfRounds() {
  const world = await World.start({ auto: true, options: { cleaner: { ...NO_CLEANING, threads: 1 } } })
  const partition = await world.open('orders', { config: CONFIG })
  for (let i = 0; i < 6; i++) await world.produce(partition, batchOf(['a'])).deferred
  const clean = world.engine.cleanLog.bind(world.engine)
  let finish: () => void = () => {}
  world.engine.cleanLog = async (log: number, options: CleanOptions): Promise<CleanedLog> => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return clean(log, options)
  }
  const bases = () => world.engine.segments(partition.log).map(({ baseOffset }) => baseOffset)
  return { world, partition, bases, finish: () => finish() }
}

test('records below the new start are gone at once, their segments after the round', async () => {
  const { world, partition, bases, finish } = await worldOfRounds()
  const pass = world.logs.cleaner.pass()
  await settled()
  await partition.deleteRecordsBefore(2)
  await partition.deleteRecordsBefore(3)
  assert.equal(partition.logStartOffset, 3)
  assert.deepEqual(bases(), [0, 1, 2, 3, 4, 5])
  finish()
  await pass
  assert.deepEqual(bases(), [3, 4, 5])
  assert.equal(partition.cleanOffset, 5)
})

test('without a round they leave at once', async () => {
  const { partition, bases } = await worldOfRounds()
  await partition.deleteRecordsBefore(2)
  assert.deepEqual(bases(), [2, 3, 4, 5])
})

test('a partition that was closed meanwhile is left alone', async () => {
  const { world, partition, finish } = await worldOfRounds()
  const pass = world.logs.cleaner.pass()
  await settled()
  await partition.deleteRecordsBefore(2)
  await world.logs.deletePartition('orders', 0)
  finish()
  await pass
  assert.equal(partition.status, 'closed')
})
