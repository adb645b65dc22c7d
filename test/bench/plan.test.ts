import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Estimate, planOf, type Step } from '../../bench/compare/plan.js'
import type { Scenario } from '../../bench/compare/scenario.js'

const scenario = (name: string, more: Partial<Scenario> = {}): Scenario => ({
  name,
  driver: 'native',
  question: '',
  run: async () => ({}),
  ...more,
})
const words = (steps: readonly Step[]) =>
  steps.map(({ scenario, peer, kind, round }) => [scenario.name, peer, kind, round].join(' '))

test('each round begins with another peer, and a round goes over all scenarios before the next one', () => {
  const scenarios = [scenario('a'), scenario('b')]
  const steps = planOf({
    scenarios,
    peers: ['millrace', 'kafka'],
    rounds: 2,
    heavyRounds: 2,
    systemCalls: false,
  })
  assert.deepEqual(words(steps), [
    'a millrace round 0',
    'a kafka round 0',
    'b millrace round 0',
    'b kafka round 0',
    'a kafka round 1',
    'a millrace round 1',
    'b kafka round 1',
    'b millrace round 1',
  ])
})

test('calibration comes first, on Kafka where it takes part, and system calls come last', () => {
  const scenarios = [
    scenario('a', { calibrate: async () => ({}), withoutSystemCalls: true }),
    scenario('b', { driver: 'java' }),
  ]
  const plan = { scenarios, rounds: 1, heavyRounds: 1, systemCalls: true }
  assert.deepEqual(words(planOf({ ...plan, peers: ['millrace', 'ideal', 'kafka'] })), [
    'a kafka calibrate 0',
    'a millrace round 0',
    'a ideal round 0',
    'a kafka round 0',
    'b millrace round 0',
    'b kafka round 0',
    'b millrace systemCalls 0',
    'b kafka systemCalls 0',
  ])
  assert.equal(words(planOf({ ...plan, peers: ['millrace'] }))[0], 'a millrace calibrate 0')
})

test('ideal takes part in what the native generator asks of it, and nowhere else', () => {
  const scenarios = [
    scenario('a', { withoutIdeal: true }),
    scenario('b', { driver: 'librdkafka' }),
    scenario('c'),
  ]
  const steps = planOf({ scenarios, peers: ['ideal'], rounds: 1, heavyRounds: 1, systemCalls: false })
  assert.deepEqual(words(steps), ['c ideal round 0'])
})

test('an estimate knows what was done before and takes the mean for the rest', () => {
  const [first, second, again] = planOf({
    scenarios: [scenario('a'), scenario('b')],
    peers: ['millrace'],
    rounds: 2,
    heavyRounds: 2,
    systemCalls: false,
  }) as [Step, Step, Step, Step]
  const estimate = new Estimate()
  assert.equal(estimate.left([first]), undefined)
  estimate.took(first, 10)
  assert.equal(estimate.left([second]), 10)
  estimate.took(second, 30)
  assert.equal(estimate.left([again, second]), 40)
})

test('what is heavy has rounds of its own number', () => {
  const scenarios = [scenario('a', { heavy: true }), scenario('b')]
  const steps = planOf({ scenarios, peers: ['millrace'], rounds: 2, heavyRounds: 1, systemCalls: false })
  assert.deepEqual(words(steps), ['a millrace round 0', 'b millrace round 0', 'b millrace round 1'])
})
