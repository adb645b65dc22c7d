// What one producer's entry holds: enough to answer and to roll back, never more than it needs again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRODUCER_BATCHES_HELD_MAX } from '../../src/log/limits.js'
import { ProducerEntry } from '../../src/log/producer-entry.js'

const batch = (offset: number) => ({
  epoch: 0,
  firstSequence: offset,
  lastSequence: offset,
  baseOffset: offset,
  lastOffset: offset,
  timestamp: offset,
})

/** Adds batches [from, to); all below `writtenEnd` are written. */
function add(entry: ProducerEntry, from: number, to: number, writtenEnd: number): void {
  for (let offset = from; offset < to; offset++) entry.add(batch(offset), writtenEnd)
}

test('five batches in flight at a time reuse ten objects', () => {
  const entry = new ProducerEntry()
  for (let burst = 0; burst < 4; burst++) add(entry, burst * 5, burst * 5 + 5, burst * 5)
  const held = new Set(entry.batches)
  for (let burst = 4; burst < 100; burst++) add(entry, burst * 5, burst * 5 + 5, burst * 5)
  assert.equal(held.size, PRODUCER_BATCHES_HELD_MAX)
  assert.deepEqual(new Set(entry.batches), held)
  assert.deepEqual(
    entry.batches,
    Array.from({ length: 10 }, (_, index) => batch(490 + index)),
  )
})

test('what a burst left is forgotten with the next batch after it was written', () => {
  const entry = new ProducerEntry()
  add(entry, 0, 100, 0)
  assert.equal(entry.batches.length, 100)
  add(entry, 100, 101, 100)
  assert.equal(entry.batches.length, PRODUCER_BATCHES_HELD_MAX)
  assert.deepEqual(entry.batches.at(-1), batch(100))
})

test('five written batches outlive any number in flight', () => {
  const entry = new ProducerEntry()
  add(entry, 0, 10, 10)
  add(entry, 10, 40, 10)
  assert.equal(entry.rollback(10), true)
  assert.deepEqual(entry.batches, [5, 6, 7, 8, 9].map(batch))
})

test('what was added is a copy', () => {
  const entry = new ProducerEntry()
  const given = batch(0)
  entry.add(given, 0)
  given.lastOffset = 9
  assert.deepEqual(entry.batches, [batch(0)])
})
