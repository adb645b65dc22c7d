// Goal: gaps that a round leaves can be told from those a power cut leaves, since a round stays below the recovery
// point that a start would find, and a start knows how far rounds can have come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanPartition } from '../../../src/log/cleaner/clean-partition.js'
import { NO_CLEANING } from '../../../src/log/cleaner/settings.js'
import type { LogConfig } from '../../../src/log/log-config.js'
import type { OpenLogOptions } from '../../../src/native/engine.js'
import { batchOf, settled, World } from '../../sim/world.js'

const compact: Partial<LogConfig> = { cleanupPolicy: new Set(['compact']) }
const checkpoint = '/data/a/recovery-point-offset-checkpoint'

async function rolled(world: World) {
  const partition = await world.open('orders', { config: { segmentBytes: 200 } })
  for (let i = 0; i < 6; i++) world.produce(partition, batchOf([`${i}`]))
  // The flush that follows a roll is still to come.
  world.engine.run()
  const active = world.engine.segments(partition.log).at(-1)?.baseOffset ?? 0
  assert.ok(active > 0)
  const cleanable = {
    firstDirtyOffset: 0,
    firstUncleanableOffset: active,
    cleanBytes: 0,
    cleanableBytes: 1,
    ratio: 1,
  }
  return { partition, active, round: () => cleanPartition(partition, cleanable, NO_CLEANING) }
}

test('a round begins when the recovery point on disk has reached its end', async () => {
  const world = await World.start()
  const { partition, active, round } = await rolled(world)
  const seen: number[] = []
  const cleanLog = world.engine.cleanLog.bind(world.engine)
  world.engine.cleanLog = (log, options) => {
    const line = /orders 0 (\d+)/.exec(String(world.disk.files.get(checkpoint)))
    seen.push(Number(line?.[1]))
    return cleanLog(log, options)
  }
  await round()
  assert.equal(seen.length, 1)
  assert.ok((seen[0] ?? 0) >= active, `${seen[0]} is below ${active}`)
  assert.equal(partition.cleanOffset, active)
})

test('no round begins when the recovery point cannot be written', async () => {
  const world = await World.start()
  const { partition, round } = await rolled(world)
  await settled()
  world.engine.cleanLog = () => assert.fail('began')
  world.files.failNext('replace', 'ENOSPC', 'recovery-point')
  await assert.rejects(round(), /brought to disk/)
  assert.equal(partition.cleanOffset, -1)
})

test('a start tells how far rounds can have come', async () => {
  const seen: OpenLogOptions[] = []
  const openAgain = async (world: World, config: Partial<LogConfig> = {}) => {
    const again = await World.start({ disk: world.disk })
    const openLog = again.engine.openLog.bind(again.engine)
    again.engine.openLog = (options) => {
      seen.push(options)
      return openLog(options)
    }
    await again.open('orders', { config })
    again.engine.crash()
    return again
  }
  const world = await World.start()
  const { active } = await rolled(world)
  world.engine.crash()
  await openAgain(world)
  await openAgain(world, compact)
  world.disk.files.delete(checkpoint)
  await openAgain(world, compact)
  assert.deepEqual(
    seen.splice(0).map((options) => options.compactedBelow),
    // Not compacted; a checkpoint that names no round; no checkpoint.
    [0, 1, Number.MAX_SAFE_INTEGER],
  )
  const cleaned = await World.start()
  const second = await rolled(cleaned)
  await second.round()
  await cleaned.logs.directories[0]?.writeCleanOffsets()
  cleaned.engine.crash()
  await openAgain(cleaned)
  assert.deepEqual(
    seen.map((options) => options.compactedBelow),
    [active],
  )
})
