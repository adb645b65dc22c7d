// Goal: a session's partitions and their order of serving, whatever is added, changed, forgotten and served.
// Method: random requests beside a Map, which keeps the order of insertion.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FetchRows } from '../../src/fetch/fetch-rows.js'
import { RowIndex } from '../../src/fetch/row-index.js'
import { RowsPool } from '../../src/fetch/rows-pool.js'

const named = fc.record({ topic: fc.integer({ min: 0, max: 3 }), partition: fc.integer({ min: 0, max: 5 }) })
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), all: fc.array(named, { maxLength: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('forget' as const), all: fc.array(named, { maxLength: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('serve' as const), nth: fc.nat({ max: 9 }) }) },
)

const topicOf = (topic: number) => ({ topic: `t${topic}`, topicId: '' })
const orderOf = (rows: FetchRows) => {
  const order: [string, number][] = []
  for (let row = rows.first; row >= 0; row = rows.next(row)) {
    order.push([`${rows.topicOf(row).topic}:${rows.partition(row)}`, rows.offset(row)])
  }
  return order
}

function wishesOf(all: readonly { topic: number; partition: number }[], offset: number, pool: RowsPool) {
  const rows = pool.take()
  for (const { topic, partition } of all) {
    rows.ask(rows.add(rows.addTopic(topicOf(topic)), partition), offset, 1, -1, -1)
  }
  return rows
}

test('rows and their order are those of a map', () => {
  fc.assert(
    fc.property(fc.array(named, { maxLength: 12 }), fc.array(step, { maxLength: 30 }), (first, steps) => {
      const pool = new RowsPool()
      const model = new Map<string, number>()
      const rows = wishesOf(first, 0, pool)
      const index = new RowIndex(rows)
      index.addAll()
      for (const { topic, partition } of first) model.set(`t${topic}:${partition}`, 0)
      assert.deepEqual(orderOf(rows), [...model])
      for (const [i, step] of steps.entries()) {
        if (step.kind === 'ask') {
          const wishes = wishesOf(step.all, i + 1, pool)
          index.update(wishes)
          pool.give(wishes)
          for (const { topic, partition } of step.all) model.set(`t${topic}:${partition}`, i + 1)
        } else if (step.kind === 'forget') {
          for (const { topic, partition } of step.all) {
            index.forget(topicOf(topic), [partition])
            model.delete(`t${topic}:${partition}`)
          }
        } else {
          let row = rows.first
          for (let n = step.nth; n > 0 && row >= 0; n--) row = rows.next(row)
          if (row >= 0) {
            const [key, offset] = [...model][step.nth] as [string, number]
            model.delete(key)
            model.set(key, offset)
            rows.moveToEnd(row)
          }
        }
        assert.deepEqual(orderOf(rows), [...model])
        assert.equal(rows.size, model.size)
      }
    }),
    { numRuns: 500 },
  )
})

test('topics that come and go leave nothing behind', () => {
  const pool = new RowsPool()
  const rows = wishesOf([{ topic: 0, partition: 0 }], 0, pool)
  const index = new RowIndex(rows)
  index.addAll()
  for (let topic = 1; topic < 1_000; topic++) {
    const wishes = wishesOf([{ topic, partition: 7 }], 0, pool)
    index.update(wishes)
    pool.give(wishes)
    index.forget(topicOf(topic), [7])
  }
  assert.deepEqual([rows.size, rows.count, rows.addTopic(topicOf(1_000))], [1, 2, 2])
})
