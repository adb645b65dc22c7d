import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom, systemRandom } from '../../src/base/random.js'

for (const [name, random] of [
  ['system', systemRandom],
  ['seeded', new SeededRandom(7)],
] as const) {
  test(`${name}: uuids have Kafka's shape and do not repeat`, () => {
    const seen = new Set<string>()
    for (let draw = 0; draw < 2_000; draw++) {
      const uuid = random.uuid()
      assert.match(uuid, /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
      assert.equal(Buffer.from(uuid, 'base64url').length, 16)
      seen.add(uuid)
      assert.match(random.uuidText(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
    assert.equal(seen.size, 2_000)
  })

  test(`${name}: integers stay below the bound and reach every value`, () => {
    const seen = new Set<number>()
    for (let draw = 0; draw < 1_000; draw++) seen.add(random.int(8))
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7])
    assert.equal(random.int(1), 0)
    assert.equal(random.bytes(5).length, 5)
  })
}

test('a seed repeats its sequence, forks are independent of draws', () => {
  const first = new SeededRandom(42)
  const second = new SeededRandom(42)
  assert.equal(first.uuid(), second.uuid())
  first.int(10)
  assert.deepEqual(first.fork('disk').bytes(16), second.fork('disk').bytes(16))
  assert.notDeepEqual(first.fork('disk').bytes(16), first.fork('network').bytes(16))
})
