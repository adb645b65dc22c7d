// The batches of a shard are those the protocol room would build from the same records, byte for byte.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { BatchWriter } from '../../src/coordinator/batch-writer.js'
import { RecordEncoder } from '../../src/coordinator/record-encoder.js'
import type { EntryCodec } from '../../src/coordinator/state-machine.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'

interface Entry {
  key: Buffer
  value: Buffer | null
  timestamp: number
}

const codec: EntryCodec<Entry> = {
  writeKey: ({ key }, writer) => writer.raw(key),
  writeValue({ value }, writer) {
    if (value !== null) writer.raw(value)
    return value !== null
  },
  decode: () => null,
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
const entry = fc.record({
  key: bytes(300),
  value: fc.option(fc.oneof(bytes(300), fc.constantFrom(Buffer.alloc(0), Buffer.alloc(20_000, 7)))),
  timestamp: fc.integer({ min: 1_699_999_999_000, max: 1_700_000_999_000 }),
})

test('any records', () => {
  const encoder = new RecordEncoder()
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), (entries) => {
      const writer = new BatchWriter()
      for (const one of entries) writer.add(encoder.encode(codec, one), one.timestamp)
      assert.equal(writer.count, entries.length)
      const batch = writer.finish()
      assert.deepEqual(batch, buildBatch(entries))
      assert.equal(writer.bytes, batch.length)
    }),
    { numRuns: 60 },
  )
})

test('an empty batch is a mistake of ours', () => {
  assert.throws(() => new BatchWriter().finish(), { code: 'MILLRACE_ASSERTION' })
})
