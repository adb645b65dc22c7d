// Goal: the micro-benchmarks still run, each call of a subject does the same work, and the harness would notice if
// not. Method: tiny inputs, no look at the figures.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MICRO_BENCHES } from '../../bench/micro/all.js'
import { type MicroBench, mix, runMicro } from '../../bench/micro/harness.js'

const quick = { size: 'small', timeMs: 1 } as const

for (const bench of MICRO_BENCHES) {
  test(`${bench.name} runs small, and twice with the same hashes`, async () => {
    const first = await runMicro(bench, quick)
    const second = await runMicro(bench, quick)
    assert.ok(first.length > 0)
    for (const result of first) assert.ok(result.nanosecondsMean > 0, result.subject)
    const hashes = (results: typeof first) => results.map(({ subject, hash }) => [subject, hash])
    assert.deepEqual(hashes(first), hashes(second))
  })
}

const scripted = (run: () => number): MicroBench => ({
  name: 'scripted',
  question: '',
  unit: 'call',
  parameters: { size: { small: 1, real: 2 } },
  open: ({ size = 0 }) => ({ subjects: [{ name: `size ${size}`, operations: 1, run }] }),
})

test('a subject whose result changes from call to call is refused', async () => {
  let calls = 0
  await assert.rejects(
    runMicro(
      scripted(() => calls++),
      quick,
    ),
    /different results/,
  )
})

test('the parameters of the wanted size reach the subjects', async () => {
  const [small] = await runMicro(
    scripted(() => 7),
    quick,
  )
  const [real] = await runMicro(
    scripted(() => 7),
    { size: 'real', timeMs: 1 },
  )
  assert.deepEqual([small?.subject, real?.subject, small?.hash], ['size 1', 'size 2', '00000007'])
})

test('what a bench holds is given back when a subject fails', async () => {
  let closed = 0
  const failing: MicroBench = {
    ...scripted(() => 0),
    open: () => ({
      subjects: [
        {
          name: 'fails',
          operations: 1,
          run() {
            throw new Error('no')
          },
        },
      ],
      close() {
        closed++
      },
    }),
  }
  await assert.rejects(runMicro(failing, quick), /no/)
  assert.equal(closed, 1)
})

test('mixing depends on the order and the values', () => {
  assert.notEqual(mix(mix(0, 1), 2), mix(mix(0, 2), 1))
  assert.notEqual(mix(0, 1), mix(0, 2))
})
