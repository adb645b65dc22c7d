// Goal: our schemas say what the specification says. Both sides are flattened, version by version, to one line per
// field (path, type, nullability, tag, default), and the lists compared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiKey, isFlexible } from '../../src/protocol/api-key.js'
import { ErrorCode, isRetriable, refreshesCoordinator, refreshesMetadata } from '../../src/protocol/errors.js'
import { RequestHeader, ResponseHeader } from '../../src/protocol/headers.js'
import type { Schema } from '../../src/protocol/schema.js'
import { planOf } from '../../src/protocol/version-plan.js'
import { flattenPlan, flattenSpec } from './support/flatten.js'
import { allSchemas, versionsOf } from './support/schemas.js'
import * as spec from './support/specification.js'

const options = { skip: spec.SKIP_NOTE }

test('every schema has the fields of the specification at every version', options, async () => {
  const current = { ...spec.loadRequests(), ...spec.loadInternal() }
  const legacy = spec.loadLegacy()
  const schemas = await allSchemas()
  schemas.set('RequestHeader', RequestHeader)
  schemas.set('ResponseHeader', ResponseHeader)
  for (const [name, schema] of schemas) {
    const newest = current[name]
    assert.ok(newest, `${name} is not in the specification`)
    for (const version of versionsOf(schema)) {
      const message: spec.SpecMessage | undefined = spec.includes(newest.validVersions, version)
        ? newest
        : legacy[name]
      assert.ok(message, `${name} v${version} is not in the specification`)
      assert.deepEqual(
        flattenPlan(planOf(schema, version)).map(asSpecified),
        flattenSpec(message, version),
        `${name} v${version}`,
      )
    }
  }
})

/** The specification does not tell a hash from a count. */
function asSpecified(field: string): string {
  return field.replace(' bits64 ', ' int64 ')
}

test('every schema has the key, range and first flexible version of the specification', options, async () => {
  const current = { ...spec.loadRequests(), ...spec.loadInternal() }
  for (const [name, schema] of await allSchemas()) {
    const message = current[name] as spec.SpecMessage
    const [first, last] = spec.rangeOf(message.validVersions) as [number, number]
    assert.equal(schema.key, message.apiKey ?? -1, name)
    assert.equal(schema.last, name.startsWith('InitProducerId') ? 5 : last, name)
    assert.ok(schema.first <= first, `${name} lacks v${first}`)
    assert.equal(schema.flexibleSince, spec.rangeOf(message.flexibleVersions)?.[0] ?? Infinity, name)
  }
})

test('requests and responses of an api come in pairs with one range', async () => {
  const schemas = await allSchemas()
  for (const [name, schema] of schemas) {
    if (schema.type !== 'request') continue
    const answer = schemas.get(name.replace(/Request$/, 'Response')) as Schema
    assert.deepEqual([answer.key, answer.first, answer.last], [schema.key, schema.first, schema.last], name)
    assert.equal(isFlexible(schema.key, schema.last), schema.flexibleSince <= schema.last, name)
    assert.equal(isFlexible(schema.key, schema.flexibleSince - 1), false, name)
  }
})

test('api keys and first flexible versions', options, () => {
  const apis = spec.loadApis()
  assert.deepEqual(ApiKey, Object.fromEntries(apis.map(({ name, key }) => [name, key])))
  for (const { key, name, flexibleFrom } of apis) {
    if (flexibleFrom === null) assert.equal(isFlexible(key, 99), false, name)
    else
      assert.deepEqual(
        [isFlexible(key, flexibleFrom - 1), isFlexible(key, flexibleFrom)],
        [false, true],
        name,
      )
  }
})

test('error codes and what a client does about them', options, () => {
  const errors = spec.loadErrors()
  assert.deepEqual(ErrorCode, Object.fromEntries(errors.map(({ name, code }) => [name, code])))
  for (const { name, code, retriable, refreshMetadata = false, refreshCoordinator = false } of errors) {
    const ours = [isRetriable(code), refreshesMetadata(code), refreshesCoordinator(code)]
    assert.deepEqual(ours, [retriable, refreshMetadata, refreshCoordinator], name)
  }
})
