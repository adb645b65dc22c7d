// Goal: which part of a log a round may clean, and how dirty it is, as Kafka measures it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CleanFacts, cleanableOf, dirtySegments } from '../../../src/log/cleaner/candidate.js'

const segment = (baseOffset: number, sizeBytes: number, maxTimestamp = 1000) => ({
  baseOffset,
  sizeBytes,
  maxTimestamp,
  lastModifiedMs: 0,
})

function facts(given: Partial<CleanFacts> = {}): CleanFacts {
  return {
    segments: [segment(0, 100), segment(10, 200, 2000), segment(20, 300, 3000), segment(30, 400, 4000)],
    cleanOffset: -1,
    logStartOffset: 0,
    logEndOffset: 40,
    lastStableOffset: 40,
    config: { minCompactionLagMs: 0 },
    nowMs: 10_000,
    ...given,
  }
}

test('everything but the active segment, from the checkpoint on', () => {
  assert.deepEqual(cleanableOf(facts()), {
    firstDirtyOffset: 0,
    firstUncleanableOffset: 30,
    cleanBytes: 0,
    cleanableBytes: 600,
    ratio: 1,
  })
  const { firstDirtyOffset, cleanBytes, cleanableBytes, ratio } = cleanableOf(facts({ cleanOffset: 20 }))
  assert.deepEqual([firstDirtyOffset, cleanBytes, cleanableBytes, ratio], [20, 300, 300, 0.5])
  assert.equal(cleanableOf(facts({ cleanOffset: 30 })).cleanableBytes, 0)
})

test('a checkpoint inside a segment leaves that segment dirty', () => {
  assert.equal(cleanableOf(facts({ cleanOffset: 15 })).cleanableBytes, 500)
})

test('never past the segment that holds the last stable offset', () => {
  const { firstUncleanableOffset, cleanableBytes } = cleanableOf(facts({ lastStableOffset: 25 }))
  assert.deepEqual([firstUncleanableOffset, cleanableBytes], [20, 300])
  assert.equal(cleanableOf(facts({ lastStableOffset: 5 })).cleanableBytes, 0)
})

test('records younger than the lag stay', () => {
  const lag = (minCompactionLagMs: number) => cleanableOf(facts({ config: { minCompactionLagMs } }))
  assert.equal(lag(8_000).firstUncleanableOffset, 20)
  assert.equal(lag(8_001).firstUncleanableOffset, 10)
  assert.equal(lag(9_001).cleanableBytes, 0)
})

test('a checkpoint outside the log counts as none', () => {
  assert.equal(cleanableOf(facts({ cleanOffset: 41 })).firstDirtyOffset, 0)
  assert.equal(cleanableOf(facts({ cleanOffset: 5, logStartOffset: 10 })).firstDirtyOffset, 10)
})

test('a log of one segment has nothing to clean', () => {
  const single = facts({ segments: [segment(0, 100)] })
  assert.equal(cleanableOf(single).ratio, 0)
  assert.deepEqual(dirtySegments(single), [])
})

test('dirty segments are the closed ones that reach above the checkpoint', () => {
  assert.deepEqual(dirtySegments(facts({ cleanOffset: 15 })), [10, 20])
})
