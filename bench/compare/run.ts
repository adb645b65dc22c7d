// Millrace and its peers on the same machine, disk and load, in alternating rounds.
//
//   npm run bench:compare -- [--peer kafka,ideal] [--subject millrace] [--scenario NAME,...] [--rounds 5]
//       [--heavy-rounds 5] [--scale 1] [--quick] [--no-system-calls] [--out DIRECTORY] [--resume] [--merge FILE,...]
//       [--list]
//
//   --quick            what the numbers to reach need, three rounds at a tenth of the size; one where it takes minutes
//   --heavy-rounds     rounds of the scenarios that take minutes each
//   --out              where results.json, report.md and charts/ go; bench/.work/compare
//   --resume           goes on with the results.json that is there
//   --merge            takes scenarios that are not measured now from earlier results; with `--rounds 0` only draws
//   --no-system-calls  without the closing run that counts system calls
//
// MILLRACE_DIRECTORY names another build of Millrace to measure instead of this checkout. What is missing of Kafka's
// jars, the native tools and librdkafka's tool is installed or built first.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Comparator } from './comparator.js'
import { TARGETS } from './numbers.js'
import { PEERS, type PeerName } from './peers.js'
import { WORK } from './places.js'
import { planOf } from './plan.js'
import { prepare } from './prepare.js'
import { publish } from './publish.js'
import { merged, type Results, readSaved } from './results.js'
import type { Scenario } from './scenario.js'
import { SCENARIOS } from './scenarios/all.js'
import { settingOf } from './setting.js'

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string', default: 'kafka,ideal' },
    subject: { type: 'string', default: 'millrace' },
    scenario: { type: 'string', default: '' },
    rounds: { type: 'string' },
    'heavy-rounds': { type: 'string' },
    scale: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'no-system-calls': { type: 'boolean', default: false },
    out: { type: 'string', default: join(WORK, 'compare') },
    resume: { type: 'boolean', default: false },
    merge: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
  },
})

const QUICK = { rounds: 3, heavyRounds: 1, scale: 0.1 }
const FULL = { rounds: 5, scale: 1 }

async function main(): Promise<void> {
  const scenarios = wantedScenarios(wordsOf(options.scenario))
  if (options.list) return list(scenarios)
  const size = options.quick ? QUICK : FULL
  const rounds = numberOf('rounds', size.rounds)
  const scale = numberOf('scale', size.scale)
  const subject = peerName(options.subject)
  const peers = [...new Set([subject, ...wordsOf(options.peer).map(peerName)])]
  const systemCalls = !options['no-system-calls'] && !options.quick && rounds > 0
  const heavyRounds = numberOf('heavy-rounds', options.quick ? QUICK.heavyRounds : rounds)
  const plan = { scenarios, peers, rounds, heavyRounds, systemCalls }
  if (rounds > 0) await prepare(peers, scenarios, scale)
  const path = join(options.out, 'results.json')
  const earlier = wordsOf(options.merge).map(readSaved)
  const before = earlier.map(({ results }) => results).reduce(merged, {} as Results)
  const known = options.resume ? readSaved(path).results : {}
  // What is only drawn was measured on the machine that its file names.
  const setting = (rounds > 0 ? undefined : earlier[0]?.setting) ?? settingOf()
  const output = { directory: options.out, subject, setting }
  const comparator = new Comparator({ scale, known, publish: (now) => publish(merged(before, now), output) })
  await comparator.run(rounds > 0 ? planOf(plan) : [])
  process.stdout.write(publish(merged(before, comparator.results), { ...output, charts: true }))
}

function wantedScenarios(wanted: readonly string[]): readonly Scenario[] {
  const unknown = wanted.find((name) => !SCENARIOS.some((scenario) => scenario.name === name))
  if (unknown !== undefined) {
    throw new Error(`no such scenario: ${unknown}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}`)
  }
  if (wanted.length > 0) return SCENARIOS.filter(({ name }) => wanted.includes(name))
  return options.quick
    ? SCENARIOS.filter(({ name }) => TARGETS.some(({ scenario }) => scenario === name))
    : SCENARIOS
}

function list(scenarios: readonly Scenario[]): void {
  for (const { name, driver, question } of scenarios) {
    process.stdout.write(`${name.padEnd(26)} ${driver.padEnd(11)} ${question}\n`)
  }
}

function peerName(name: string): PeerName {
  const known = PEERS.find((peer) => peer === name)
  if (known === undefined) throw new Error(`no such peer: ${name}; there are ${PEERS.join(', ')}`)
  return known
}

function numberOf(option: 'rounds' | 'heavy-rounds' | 'scale', usual: number): number {
  const given = options[option]
  if (given === undefined) return usual
  const value = Number(given)
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${option} ${given}: not a number from 0 on`)
  return value
}

const wordsOf = (text: string): string[] => text.split(',').filter((word) => word !== '')

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
await main()
