// Goal: the counts that answer "is an offset pending" and the index by topic agree with the offsets there are, and
// asking for a topic costs what that topic holds. Method: random changes, compared with a walk over everything.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { OffsetStore } from '../../src/groups/offsets/store.js'

const value = {
  offset: 1,
  leaderEpoch: -1,
  metadata: '',
  commitTimestamp: 0,
  expireTimestamp: -1,
  topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
}

const change = fc.record({
  what: fc.constantFrom('put', 'pend', 'pend', 'remove', 'commit', 'abort'),
  producerId: fc.nat(2),
  group: fc.constantFrom('g', 'h'),
  topic: fc.constantFrom('t', 'u'),
  partition: fc.nat(1),
})

test('what is pending is counted as it is', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const store = new OffsetStore()
      const open = new Map<number, Set<string>>()
      for (const [position, { what, producerId, ...place }] of changes.entries()) {
        const key = `${place.group} ${place.topic} ${place.partition}`
        if (what === 'put') store.put(place, { value, position })
        else if (what === 'pend') {
          store.putPending(producerId, place, { value, position })
          open.set(producerId, (open.get(producerId) ?? new Set()).add(key))
        } else if (what === 'remove') {
          store.remove(place)
          for (const keys of open.values()) keys.delete(key)
        } else {
          store.endTransaction(producerId, what === 'commit')
          open.delete(producerId)
        }
        const pending = new Set([...open.values()].flatMap((keys) => [...keys]))
        assert.equal(store.hasPending(place), pending.has(key))
        const ofGroup = [...pending].some((each) => each.startsWith(`${place.group} `))
        assert.equal(store.groupHasPending(place.group), ofGroup)
      }
    }),
  )
})

test('the places of a topic and of a group are those of a walk over everything', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const store = new OffsetStore()
      for (const [position, { what, producerId, ...place }] of changes.entries()) {
        if (what === 'put') store.put(place, { value, position })
        else if (what === 'pend') store.putPending(producerId, place, { value, position })
        else if (what === 'remove') store.remove(place)
        else store.endTransaction(producerId, what === 'commit')
        const all = new Map([...store.entries()].map(([each]) => [keyOf(each), each]))
        const expected = (part: 'topic' | 'group', name: string) =>
          [...all].flatMap(([key, each]) => (each[part] === name ? [key] : [])).sort()
        for (const topic of ['t', 'u'])
          assert.deepEqual(store.placesOfTopic(topic).map(keyOf).sort(), expected('topic', topic))
        for (const group of ['g', 'h'])
          assert.deepEqual(store.placesOfGroup(group).map(keyOf).sort(), expected('group', group))
      }
    }),
  )
})

test('a topic among ten thousand groups is found without looking at the groups of others', () => {
  const store = new OffsetStore()
  for (let group = 0; group < 10_000; group++)
    store.put({ group: `group-${group}`, topic: 'theirs', partition: 0 }, { value, position: group })
  const place = { group: 'group-7', topic: 'ours', partition: 3 }
  store.put(place, { value, position: 10_000 })
  store.putPending(1, { ...place, group: 'group-8' }, { value, position: 10_001 })
  const looked = countingLooks(() => assert.equal(store.placesOfTopic('ours').length, 2))
  assert.ok(looked < 100, `${looked} looks into a map`)
  assert.equal(store.placesOfTopic('theirs').length, 10_000)
})

function keyOf({ group, topic, partition }: { group: string; topic: string; partition: number }): string {
  return `${group} ${topic} ${partition}`
}

/** How often a map was asked for a key, or gone through, while `work` ran. */
function countingLooks(work: () => void): number {
  const { get, entries, keys, values } = Map.prototype
  let count = 0
  const counting = <Method extends (...given: never[]) => unknown>(method: Method) =>
    function (this: unknown, ...given: Parameters<Method>) {
      count++
      return method.apply(this, given)
    } as unknown as Method
  const iterate = Map.prototype[Symbol.iterator]
  Object.assign(Map.prototype, {
    get: counting(get),
    entries: counting(entries),
    keys: counting(keys),
    values: counting(values),
    [Symbol.iterator]: counting(iterate),
  })
  try {
    work()
  } finally {
    Object.assign(Map.prototype, { get, entries, keys, values, [Symbol.iterator]: iterate })
  }
  return count
}
