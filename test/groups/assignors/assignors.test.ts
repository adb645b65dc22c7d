// Whatever members, subscriptions and past there are: each partition with a subscriber has exactly one owner, loads
// are balanced, and what can stay with its member stays.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Assignor, AssignorMember, AssignorTopic } from '../../../src/groups/assignors/assignor.js'
import { range } from '../../../src/groups/assignors/range.js'
import { uniform } from '../../../src/groups/assignors/uniform.js'
import { isSubset, type TopicPartitions } from '../../../src/groups/consumer/partitions.js'

type Racks = (partition: number) => readonly string[]

const topic = (id: string, partitionCount: number, racksOf: Racks = () => []): AssignorTopic => ({
  id,
  partitionCount,
  racksOf,
})
const member = (memberId: string, topicIds: string[], rackId: string | null = null): AssignorMember => ({
  memberId,
  instanceId: null,
  rackId,
  topicIds: new Set(topicIds),
  assigned: new Map(),
})
const topicsOf = (topics: AssignorTopic[]) => new Map(topics.map((each) => [each.id, each]))

function again(
  members: AssignorMember[],
  assignment: ReadonlyMap<string, TopicPartitions>,
): AssignorMember[] {
  return members.map((each) => ({ ...each, assigned: assignment.get(each.memberId) ?? new Map() }))
}

function plain(assignment: ReadonlyMap<string, TopicPartitions>) {
  return Object.fromEntries(
    [...assignment].map(([memberId, topics]) => [
      memberId,
      Object.fromEntries([...topics].map(([id, partitions]) => [id, [...partitions].sort((a, b) => a - b)])),
    ]),
  )
}

const size = (assigned: TopicPartitions | undefined) =>
  [...(assigned ?? new Map<string, Set<number>>())].reduce((sum, [, partitions]) => sum + partitions.size, 0)

function checkOwners(
  members: readonly AssignorMember[],
  topics: ReadonlyMap<string, AssignorTopic>,
  assignment: ReadonlyMap<string, TopicPartitions>,
): void {
  const owners = new Map<string, string>()
  for (const { memberId, topicIds } of members) {
    for (const [id, partitions] of assignment.get(memberId) ?? []) {
      assert.ok(topicIds.has(id), 'only of a topic it subscribes to')
      for (const partition of partitions) {
        assert.ok(partition < (topics.get(id)?.partitionCount ?? 0), 'the partition exists')
        assert.ok(!owners.has(`${id} ${partition}`), 'one owner')
        owners.set(`${id} ${partition}`, memberId)
      }
    }
  }
  for (const { id, partitionCount } of topics.values()) {
    if (!members.some(({ topicIds }) => topicIds.has(id))) continue
    for (let partition = 0; partition < partitionCount; partition++) {
      assert.ok(owners.has(`${id} ${partition}`), 'every partition has an owner')
    }
  }
}

const world = fc.record({
  counts: fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
  subscriptions: fc.array(fc.tuple(fc.nat(31), fc.nat(3)), { minLength: 1, maxLength: 7 }),
  later: fc.array(fc.tuple(fc.nat(31), fc.nat(3)), { maxLength: 7 }),
  keep: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  grown: fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }),
})

function membersOf(subscriptions: readonly (readonly [number, number])[], prefix: string, topics: number) {
  return subscriptions.map(([bits, rack], index) => {
    const ids = Array.from({ length: topics }, (_, at) => `t${at}`).filter((_, at) => bits & (1 << at))
    return member(`${prefix}${index}`, ids, rack === 3 ? null : `rack-${rack}`)
  })
}

function lives(assignor: Assignor): void {
  fc.assert(
    fc.property(world, ({ counts, subscriptions, later, keep, grown }) => {
      const racksOf: Racks = (partition) => [`rack-${partition % 3}`]
      const topics = topicsOf(counts.map((count, at) => topic(`t${at}`, count, racksOf)))
      const members = membersOf(subscriptions, 'm', counts.length)
      const first = assignor.assign(members, topics)
      checkOwners(members, topics, first)
      assert.deepEqual(plain(assignor.assign(again(members, first), topics)), plain(first), 'stable')
      const stayed = again(members, first).filter((_, at) => keep[at])
      const joined = [...stayed, ...membersOf(later, 'n', counts.length)]
      const bigger = topicsOf(counts.map((count, at) => topic(`t${at}`, count + (grown[at] ?? 0), racksOf)))
      checkOwners(joined, bigger, assignor.assign(joined, bigger))
    }),
    { numRuns: 300 },
  )
}

test('uniform: one owner, stable, through changes', () => lives(uniform))
test('range: one owner, stable, through changes', () => lives(range))

test('uniform balances equal subscriptions to within one and moves no more than it must', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      (counts, before, after) => {
        const topics = topicsOf(counts.map((count, at) => topic(`t${at}`, count)))
        const ids = [...topics.keys()]
        const all = Array.from({ length: Math.max(before, after) }, (_, at) => member(`m${at}`, ids))
        const old = all.slice(0, before)
        const assigned = uniform.assign(old, topics)
        const now = again(all.slice(0, after), assigned)
        const next = uniform.assign(now, topics)
        const loads = now.map(({ memberId }) => size(next.get(memberId)))
        assert.ok(Math.max(...loads) - Math.min(...loads) <= 1)
        const quota = Math.ceil(counts.reduce((sum, count) => sum + count, 0) / after)
        for (const { memberId, assigned: had } of now) {
          const has = next.get(memberId) ?? new Map()
          // Who had no more than its share keeps all of it; who had more gives up without getting anything.
          if (size(had) < quota) assert.ok(isSubset(had, has))
          else assert.ok(isSubset(has, had))
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('uniform balances odd subscriptions', () => {
  const topics = topicsOf([topic('a', 4), topic('b', 4)])
  const all = [member('both', ['a', 'b']), member('only-a', ['a']), member('only-b', ['b'])]
  const loads = [...uniform.assign(all, topics).values()].map(size)
  assert.deepEqual(loads.toSorted(), [2, 3, 3])
})

test('uniform prefers members near the data', () => {
  const racks: Racks = (partition) => [partition < 3 ? 'x' : 'y']
  const topics = topicsOf([topic('a', 6, racks)])
  const members = [member('m1', ['a'], 'y'), member('m2', ['a'], 'x')]
  assert.deepEqual(plain(uniform.assign(members, topics)), { m1: { a: [3, 4, 5] }, m2: { a: [0, 1, 2] } })
})

test('range gives contiguous ranges, the same in topics of equal size', () => {
  const topics = topicsOf([topic('a', 5), topic('b', 5)])
  const members = [member('m2', ['a', 'b']), member('m1', ['a', 'b'])]
  assert.deepEqual(plain(range.assign(members, topics)), {
    m2: { a: [3, 4], b: [3, 4] },
    m1: { a: [0, 1, 2], b: [0, 1, 2] },
  })
})

test('range goes by instance id, then by member id, and not by what members had', () => {
  const topics = topicsOf([topic('a', 4)])
  const ofInstance = (memberId: string, instanceId: string) => ({ ...member(memberId, ['a']), instanceId })
  const members = [ofInstance('m3', 'i2'), member('m2', ['a']), ofInstance('m4', 'i1'), member('m1', ['a'])]
  const expected = { m4: { a: [0] }, m3: { a: [1] }, m1: { a: [2] }, m2: { a: [3] } }
  assert.deepEqual(plain(range.assign(members, topics)), expected)
  const had = new Map([['m2', new Map([['a', new Set([0, 1, 2, 3])]])]])
  assert.deepEqual(plain(range.assign(again(members, had), topics)), expected)
})
