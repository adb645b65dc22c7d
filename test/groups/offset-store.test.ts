// Goal: the counts that answer "is an offset pending" agree with the offsets of open transactions. Method: random
// changes, compared with a walk over everything.

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
