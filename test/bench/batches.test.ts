import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchOf } from '../../bench/compare/batches.js'
import { Compression, decompress } from '../../src/codec/codec.js'
import { BatchField } from '../../src/protocol/records/batch-header.js'
import { readBatches } from '../../src/protocol/records/batch-reader.js'

for (const compression of ['none', 'lz4', 'zstd'] as const) {
  test(`${compression}: the records of a batch are those of the plain one`, async () => {
    const shape = { recordBytes: 100, batchBytes: 5_000 }
    const plain = await batchOf({ ...shape, compression: 'none' })
    const batch = await batchOf({ ...shape, compression })
    const body = await decompress(Compression[compression], batch.subarray(BatchField.records), plain.length)
    assert.equal(body.length, plain.length - BatchField.records)
    if (compression !== 'none') {
      assert.ok(batch.length < plain.length / 2)
      return
    }
    const records = [...readBatches(batch)]
    assert.equal(records.length, 50)
    assert.ok(records.every(({ value }) => value?.length === 100))
  })
}
