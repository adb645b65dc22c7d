// Goal: however many reads a request has, and whatever needs no lookup between them, each gets its own answer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReadRows } from '../../src/log/read-rows.js'
import { Reads } from '../../src/log/reads.js'
import { Sizes } from '../../src/native/layout.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { batchOf, World } from '../sim/world.js'

test('more reads than one crossing holds', async () => {
  const world = await World.start()
  const partition = await world.open()
  const batch = batchOf(['value'])
  for (let i = 0; i < 3; i++) world.produce(partition, Buffer.from(batch))
  world.engine.run()
  const count = 2 * Sizes.lookupCapacity + 5
  const rows = new ReadRows()
  let spent = 0
  const budget = {
    bytesLeft: Number.MAX_SAFE_INTEGER,
    slicesLeft: count,
    atLeastOneBatch: true,
    spend(bytes: number) {
      spent += bytes
    },
  }
  const reads = new Reads()
  reads.begin(rows, budget, 0)
  for (let i = 0; i < count; i++) {
    // Offset 3 is the end: nothing to look up; 4 is out of range.
    rows.ask(rows.addRow(), i % 5, batch.length, -1, -1)
    reads.add(partition, i)
  }
  reads.end()
  let found = 0
  for (let i = 0; i < count; i++) {
    const offset = i % 5
    assert.equal(rows.errorCode(i), offset === 4 ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.NONE)
    assert.equal(rows.length(i), offset < 3 ? batch.length : 0)
    if (offset < 3) assert.equal(rows.position(i), offset * batch.length)
    if (offset < 3) found++
  }
  assert.equal(spent, found * batch.length)
})
