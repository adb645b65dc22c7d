// Goal: wherever a process ends while a partition moves to another log directory and back, by a kill or a power cut, the
// next start finds it once, with everything that was acknowledged. Method: `everyStep`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { everyStep, type Scenario, SteppedEngine, SteppedFiles } from '../sim/every-step.js'
import { batchOf, settled, World } from '../sim/world.js'

const options = { logDirs: ['/data/a', '/data/b'], metadataLogDir: '/data/a' }
const config = { segmentBytes: 250, flushMessages: 1 }

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settled()
}

/** `acknowledged` records, each with its offset as its value. */
const moves: Scenario<{ acknowledged: number }> = {
  facts: () => ({ acknowledged: 0 }),
  async run({ disk, steps }, facts) {
    const engine = new SteppedEngine(disk, steps)
    const files = new SteppedFiles(disk, steps)
    const world = await World.start({ disk, engine, files, options })
    const partition = await world.open('orders', { config, isNew: true })
    const produce = async () => {
      for (let sent = 0; sent < 1; sent++) {
        const ticket = world.tickets.next()
        const claim = { producerId: 1, producerEpoch: 0, baseSequence: facts.acknowledged }
        world.produce(partition, batchOf([String(facts.acknowledged)], claim), { ticket })
        engine.run()
        if (world.foreignTickets.splice(0).some((each) => each.ticket === ticket && each.ok))
          facts.acknowledged++
        await settled()
      }
    }
    await produce()
    for (const directory of ['/data/b', '/data/a', '/data/b']) {
      const errorCode = world.logs.moves.request({ topic: 'orders', partition: 0, directory })
      assert.equal(errorCode, ErrorCode.NONE)
      await quiet()
      await produce()
    }
    await world.logs.stop()
    await engine.stop()
  },
  async check({ disk }, { acknowledged }) {
    disk.locks.clear()
    const world = await World.start({ disk, options, auto: true })
    const partition = await world.open('orders', { config, leaderEpoch: 1 })
    world.logs.warnOfUnclaimed()
    await quiet()
    assert.ok(partition.logEndOffset >= acknowledged, `${partition.logEndOffset} of ${acknowledged}`)
    const there = options.logDirs.filter((path) => world.disk.list(path)?.includes('orders-0'))
    assert.deepEqual(there, [partition.logDirectory])
    const next = partition.logEndOffset
    assert.equal(partition.producers.lastSequence(1), next - 1)
    await world.logs.stop()
  },
}

test('moves: stopped at every step', async (t) => {
  const steps = await everyStep(moves)
  t.diagnostic(`${steps} steps`)
  assert.ok(steps >= 100, `${steps} steps`)
})
