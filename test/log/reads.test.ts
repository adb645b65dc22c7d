// Goal: however many reads a request has, and whatever needs no lookup between them, each gets its own answer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newReadQuery, newReadResult } from '../../src/log/read.js'
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
  const results = Array.from({ length: count }, () => newReadResult())
  const query = { ...newReadQuery(), maxBytes: batch.length }
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
  reads.begin(budget, 0)
  for (const [i, result] of results.entries()) {
    // Offset 3 is the end: nothing to look up; 4 is out of range.
    query.offset = i % 5
    reads.add(partition, query, result)
  }
  reads.end()
  for (const [i, { errorCode, position, length }] of results.entries()) {
    const offset = i % 5
    assert.equal(errorCode, offset === 4 ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.NONE)
    assert.equal(length, offset < 3 ? batch.length : 0)
    if (offset < 3) assert.equal(position, offset * batch.length)
  }
  assert.equal(spent, results.filter(({ length }) => length > 0).length * batch.length)
})
