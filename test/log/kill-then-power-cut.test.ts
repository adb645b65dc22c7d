// Goal: what one process left in the page cache when it was killed, and the next one builds on, a power cut may not take:
// with flush.messages=1 everything that either acknowledged is there. Method: the first is killed before each operation
// on the disk, the second works to its end, then the power is cut.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Partition } from '../../src/log/partition.js'
import { SteppedEngine, SteppedFiles, Steps } from '../sim/every-step.js'
import { SteppedDisk } from '../sim/stepped-disk.js'
import { batchOf, settled, World } from '../sim/world.js'

const config = { segmentBytes: 250, flushMessages: 1 }

interface Life {
  readonly world: World
  readonly partition: Partition
}

async function begin(disk: SteppedDisk, steps: Steps, leaderEpoch: number): Promise<Life> {
  const engine = new SteppedEngine(disk, steps)
  const world = await World.start({ disk, engine, files: new SteppedFiles(disk, steps) })
  const partition = await world.open('orders', { config, leaderEpoch })
  return { world, partition }
}

async function produce({ world, partition }: Life, acknowledged: Set<number>): Promise<void> {
  for (let sent = 0; sent < 3; sent++) {
    const ticket = world.tickets.next()
    const out = world.produce(partition, batchOf(['value']), { ticket })
    world.engine.run()
    const done = world.foreignTickets.splice(0).some((each) => each.ticket === ticket && each.ok)
    if (out.errorCode === 0 && done) acknowledged.add(out.baseOffset)
    await settled()
  }
}

test('a kill at every step, then a power cut', async (t) => {
  let at = 0
  for (; ; at++) {
    const disk = new SteppedDisk()
    disk.makeDirectory('/data/a')
    for (const path of ['/', '/data']) disk.syncNames(path)
    const acknowledged = new Set<number>()
    const first = new Steps(at, () => {})
    const run = begin(disk, first, 0).then((life) => produce(life, acknowledged))
    await Promise.race([run, first.died])
    const over = first.taken <= at
    first.die()
    disk.locks.clear()
    const second = await begin(disk, new Steps(Number.POSITIVE_INFINITY, () => {}), 1)
    await produce(second, acknowledged)
    for (const image of disk.images({ all: true })) {
      image.disk.locks.clear()
      const world = await World.start({ disk: image.disk })
      const partition = await world.open('orders', { config, leaderEpoch: 2 })
      const end = Math.max(...acknowledged) + 1
      assert.ok(
        partition.logEndOffset >= end,
        `step ${at} (${first.last}), ${image.name}: ends before ${end}`,
      )
      await world.logs.stop()
    }
    if (over) break
  }
  t.diagnostic(`${at} steps`)
  assert.ok(at >= 20, `${at} steps`)
})
