// Goal: lookups that cross together share one budget, in their order, as the simulated engine has it too.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { LookupStatus } from '../../src/native/engine.js'
import { Sizes } from '../../src/native/layout.js'
import { batchOf } from '../sim/world.js'
import { Door, withDirectory } from './door.js'

const BATCH = batchOf(['a value'])

async function withLog(run: (door: Door, log: number) => void): Promise<void> {
  await withDirectory(async (directory) => {
    const door = await Door.open()
    const { log } = await door.openLog(join(directory, 'topic-0'))
    const count = 10
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(BATCH)
      bytes.writeBigInt64BE(BigInt(i), 0)
      const offsets = { baseOffset: i, endOffset: i + 1 }
      door.engine.appendBytes(log, bytes, { ...offsets, maxTimestamp: 1, recordCount: 1, ticket: 1 })
    }
    door.engine.awaitAppends(1, count)
    await door.until(() => door.ticketsDone.includes(1))
    run(door, log)
    await door.engine.stop()
  })
}

test('each row takes of what those before it left', async () => {
  await withLog(({ engine }, log) => {
    const look = (bytesLeft: number, slicesLeft = 100, atLeastOneBatch = true) => {
      const rows = engine.lookups
      rows.count = 0
      rows.add(log, 10, 10, 1000)
      rows.add(log, 3, 10, 2 * BATCH.length)
      rows.add(log, 5, 10, -1)
      rows.add(log, 4, 5, 1000)
      rows.add(log, 0, 10, 1_000_000)
      rows.add(99, 0, 10, 1000)
      rows.add(log, 11, 11, 1000)
      engine.lookupAll({ bytesLeft, slicesLeft, atLeastOneBatch })
      return Array.from({ length: rows.count }, (_, row) => rows.length(row) / BATCH.length)
    }
    assert.deepEqual(look(1_000_000), [0, 2, 0, 1, 10, 0, 0])
    const { lookups } = engine
    assert.equal(lookups.position(1), 3 * BATCH.length)
    assert.deepEqual([lookups.segment(1), lookups.endOffset(1)], [0, 5])
    const { Empty, Found, OutOfRange, Failed } = LookupStatus
    const statuses = Array.from({ length: 7 }, (_, row) => lookups.status(row))
    assert.deepEqual(statuses, [Empty, Found, Empty, Found, Found, Failed, OutOfRange])
    assert.deepEqual(look(5 * BATCH.length), [0, 2, 0, 1, 2, 0, 0])
    assert.deepEqual(look(1_000_000, 2), [0, 2, 0, 1, 0, 0, 0])
    assert.deepEqual(look(1), [0, 1, 0, 0, 0, 0, 0])
    assert.deepEqual(look(1, 100, false), [0, 0, 0, 0, 0, 0, 0])
    assert.deepEqual(look(-1, 100, false), [0, 0, 0, 0, 0, 0, 0])
  })
})

test('every row of the area can be used, and an engine that ended fails them', async () => {
  await withLog(({ engine }, log) => {
    const rows = engine.lookups
    rows.count = 0
    while (!rows.full) rows.add(log, rows.count % 10, 10, 1000)
    assert.equal(rows.count, Sizes.lookupCapacity)
    engine.lookupAll({ bytesLeft: Number.MAX_SAFE_INTEGER, slicesLeft: rows.count, atLeastOneBatch: true })
    assert.ok(Array.from({ length: rows.count }, (_, row) => rows.length(row) > 0).every(Boolean))
    void engine.stop()
    engine.lookupAll({ bytesLeft: 1000, slicesLeft: rows.count, atLeastOneBatch: true })
    assert.equal(rows.status(rows.count - 1), LookupStatus.Failed)
    assert.equal(rows.length(0), 0)
  })
})
