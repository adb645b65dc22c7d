// Goal: for every schema at every version, what is encoded decodes to the same value and fills the frame exactly,
// and damaged bytes are refused cleanly. Values are generated from the schemas themselves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decode } from '../../src/protocol/compile.js'
import { ProtocolError, Reader } from '../../src/protocol/primitives.js'
import type { Draft, Schema } from '../../src/protocol/schema.js'
import { valuesOf } from './support/arbitrary.js'
import { allSchemas, versionsOf } from './support/schemas.js'
import { encodeToBuffer } from './support/vectors.js'

const schemas = await allSchemas()
const cases = [...schemas].flatMap(([name, schema]) =>
  versionsOf(schema).map((version) => ({ name: `${name} v${version}`, schema, version })),
)

test('decode undoes encode for every schema and version', () => {
  assert.ok(cases.length > 300, `only ${cases.length} schema versions found`)
  for (const { name, schema, version } of cases) {
    const property = fc.property(valuesOf(schema, version), (value) => {
      const bytes = encodeToBuffer(schema, version, value as Draft<Schema>)
      const reader = new Reader(bytes)
      assert.deepEqual(decode(schema, version, reader), value, name)
      assert.equal(reader.remaining, 0, name)
    })
    fc.assert(property, { numRuns: 12 })
  }
})

test('every message cut short at any byte is refused with a ProtocolError', () => {
  for (const { name, schema, version } of cases) {
    const [value] = fc.sample(valuesOf(schema, version), { numRuns: 1, seed: 7 })
    const bytes = encodeToBuffer(schema, version, value as Draft<Schema>)
    const reader = new Reader()
    for (let end = 0; end < bytes.length; end++) {
      assert.throws(
        () => decode(schema, version, reader.reset(bytes, 0, end)),
        ProtocolError,
        `${name} at ${end}`,
      )
    }
  }
})

test('mutated and random bytes decode or are refused, and never do anything else', () => {
  for (const { schema, version } of cases) {
    const mutated = fc
      .tuple(
        valuesOf(schema, version),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      )
      .map(([value, edits]) => mutate(encodeToBuffer(schema, version, value as Draft<Schema>), edits))
    const random = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes))
    const property = fc.property(fc.oneof(mutated, random), (bytes) => {
      decodeOrRefuse(schema, version, bytes)
    })
    fc.assert(property, { numRuns: 10 })
  }
})

function decodeOrRefuse(schema: Schema, version: number, bytes: Buffer): void {
  try {
    decode(schema, version, new Reader(bytes))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
}

function mutate(bytes: Buffer, edits: [number, number][]): Buffer {
  for (const [at, value] of edits) if (bytes.length > 0) bytes[at % bytes.length] = value
  return bytes
}
