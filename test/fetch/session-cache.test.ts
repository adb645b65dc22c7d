import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { SeededRandom } from '../../src/base/random.js'
import { FetchRows } from '../../src/fetch/fetch-rows.js'
import { RowIndex } from '../../src/fetch/row-index.js'
import { nextSessionEpoch } from '../../src/fetch/session.js'
import { SessionCache } from '../../src/fetch/session-cache.js'

const consumer = { usesTopicIds: false, privileged: false }
const follower = { usesTopicIds: false, privileged: true }

function partitions(count: number): { rows: FetchRows; index: RowIndex } {
  const rows = new FetchRows()
  const topic = rows.addTopic({ topic: 't', topicId: '' })
  for (let partition = 0; partition < count; partition++) rows.add(topic, partition)
  const index = new RowIndex(rows)
  index.addAll()
  return { rows, index }
}

function create(cache: SessionCache, count: number, traits = consumer) {
  const { rows, index } = partitions(count)
  return cache.create(rows, index, traits)
}

function setUp(slots = 2) {
  const clock = new FakeClock()
  const cache = new SessionCache({ clock, random: new SeededRandom(1) }, slots)
  return {
    clock,
    cache,
    create: (count: number, traits = consumer) => create(cache, count, traits),
  }
}

test('epochs wrap to 1', () => {
  assert.deepEqual([0, 1, 0x7fffffff].map(nextSessionEpoch), [1, 2, 1])
})

describe('when all slots are taken', () => {
  test('a young session stays and the newcomer gets none', () => {
    const { cache, create } = setUp()
    create(1)
    create(1)
    assert.equal(create(9), null)
    assert.equal(cache.size, 2)
  })

  test('one unused for two minutes goes, the least recently used first', () => {
    const { clock, cache, create } = setUp()
    const first = create(1)
    const second = create(1)
    clock.advance(100_000)
    if (first !== null) cache.touch(first, 1)
    clock.advance(20_001)
    const third = create(1)
    assert.notEqual(third, null)
    assert.deepEqual(
      [first?.id, second?.id].map((id) => cache.get(id ?? 0) !== undefined),
      [true, false],
    )
  })

  test('a settled smaller one goes for a larger one, not for an equal one', () => {
    const { clock, cache, create } = setUp()
    const small = create(1)
    const large = create(5)
    for (let i = 0; i < 2; i++) {
      clock.advance(70_000)
      for (const session of [small, large]) if (session !== null) cache.touch(session, session.rows.size)
    }
    assert.equal(create(1), null)
    assert.notEqual(create(2), null)
    assert.equal(cache.get(small?.id ?? 0), undefined)
    assert.notEqual(cache.get(large?.id ?? 0), undefined)
  })

  test('a follower takes a young consumer’s place, never a young follower’s', () => {
    const { cache, create } = setUp(1)
    const young = create(9)
    const first = create(1, follower)
    assert.notEqual(first, null)
    assert.equal(cache.get(young?.id ?? 0), undefined)
    assert.equal(create(9, follower), null)
  })
})

test('no slots, no sessions', () => {
  assert.equal(setUp(0).create(1), null)
})

test('all sessions together hold a bounded number of partitions', () => {
  const cache = new SessionCache({ clock: new FakeClock(), random: new SeededRandom(1) }, 10, 5)
  const first = create(cache, 3)
  assert.equal(create(cache, 3), null)
  assert.notEqual(create(cache, 2), null)
  if (first !== null) {
    first.index.update(partitions(4).rows)
    cache.touch(first, 3)
  }
  assert.deepEqual([cache.size, cache.get(first?.id ?? 0)], [1, undefined])
  assert.notEqual(create(cache, 3), null)
})

test('forgotten partitions and repeated ones count, for their memory is kept', () => {
  const cache = new SessionCache({ clock: new FakeClock(), random: new SeededRandom(1) }, 10, 5)
  const { rows, index } = partitions(3)
  rows.add(0, 1)
  const repeated = new RowIndex(rows)
  repeated.addAll()
  assert.deepEqual([rows.size, rows.count], [3, 4])
  const session = cache.create(rows, index, consumer)
  assert.equal(create(cache, 2), null)
  session?.index.forget({ topic: 't', topicId: '' }, [0, 1])
  if (session !== null) cache.touch(session, 4)
  assert.equal(create(cache, 2), null)
  cache.remove(session?.id ?? 0)
  assert.notEqual(create(cache, 5), null)
})
