import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FetchBudget } from '../../src/fetch/budget.js'

test('the first batch may exceed the limit, the rest may not', () => {
  const budget = new FetchBudget(100)
  assert.deepEqual([budget.atLeastOneBatch, budget.partitionBytesMax(1000)], [true, 100])
  budget.spend(0)
  assert.equal(budget.atLeastOneBatch, true)
  budget.spend(150)
  assert.deepEqual([budget.atLeastOneBatch, budget.partitionBytesMax(1000)], [false, 0])
})

test('limits below zero count as zero', () => {
  assert.equal(new FetchBudget(-5).partitionBytesMax(10), 0)
  assert.equal(new FetchBudget(5).partitionBytesMax(-1), 0)
})

test('past the number of slices nothing more is taken', () => {
  const budget = new FetchBudget(100, 2)
  budget.spend(10)
  assert.equal(budget.partitionBytesMax(10), 10)
  budget.spend(10)
  assert.equal(budget.partitionBytesMax(10), 0)
})
