import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FetchBudget } from '../../src/fetch/budget.js'

const leftOf = ({ bytesLeft, atLeastOneBatch }: FetchBudget) => ({ bytesLeft, atLeastOneBatch })

test('the first batch may exceed the limit, the rest may not', () => {
  const budget = new FetchBudget(100)
  budget.spend(0)
  assert.deepEqual(leftOf(budget), { bytesLeft: 100, atLeastOneBatch: true })
  budget.spend(150)
  assert.deepEqual(leftOf(budget), { bytesLeft: 0, atLeastOneBatch: false })
})

test('a limit below zero counts as zero', () => {
  assert.equal(new FetchBudget(-5).bytesLeft, 0)
})

test('past the number of slices nothing more is taken', () => {
  const budget = new FetchBudget(100, 2)
  budget.spend(10)
  assert.deepEqual([budget.bytesLeft, budget.slicesLeft], [90, 1])
  budget.spend(10)
  assert.equal(budget.bytesLeft, 0)
})
