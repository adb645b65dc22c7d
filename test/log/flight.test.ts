// Goal: of batches in flight the bytes of exactly those are taken that end at or below an offset, however many there
// are at a time.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Flight } from '../../src/log/flight.js'

const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 1000 }) }) },
  { weight: 3, arbitrary: fc.record({ take: fc.nat({ max: 30 }) }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
)

describe('batches in flight', () => {
  test('are taken oldest first, each once', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 200 }), (steps) => {
        const flight = new Flight()
        let expected: { end: number; bytes: number }[] = []
        let next = 0
        for (const step of steps) {
          if ('push' in step) {
            next += 1 + (step.push % 3)
            flight.push(next, step.push)
            expected.push({ end: next, bytes: step.push })
          } else if ('take' in step) {
            const endOffset = (expected[0]?.end ?? 0) + step.take - 1
            const taken = expected.filter(({ end }) => end <= endOffset)
            expected = expected.filter(({ end }) => end > endOffset)
            const sum = taken.reduce((total, { bytes }) => total + bytes, 0)
            assert.equal(flight.takeUpTo(endOffset), sum)
          } else {
            flight.clear()
            expected = []
          }
        }
        assert.equal(
          flight.takeUpTo(Number.POSITIVE_INFINITY),
          expected.reduce((total, { bytes }) => total + bytes, 0),
        )
      }),
    )
  })
})
