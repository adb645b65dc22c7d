// Millrace and its peers on the same machine, disk and load, in alternating rounds.
//
//   npm run bench:compare -- [--peer kafka,ideal] [--subject millrace] [--scenario NAME,...] [--rounds 5]
//                            [--scale 1] [--json FILE] [--charts DIRECTORY]
//
// MILLRACE_DIRECTORY names another build of Millrace to measure instead of this checkout.
// Prints medians with their spread and ratios; writes every figure of every round as JSON, and charts where asked.
// Kafka's jars come from `bash test/compat/run.sh --peer kafka --only none`, which installs them; `ideal` is the
// floor of bench/native and takes part in the native scenarios only.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeCharts } from './chart.js'
import { JAVA_SCENARIOS } from './java-scenarios.js'
import { compileTools } from './java-tools.js'
import { NATIVE_SCENARIOS } from './native-scenarios.js'
import { buildNativeTools } from './native-tools.js'
import { JARS, KAFKA_JVM_FLAGS, PEERS, type PeerName, REPOSITORY, startPeer } from './peers.js'
import { type Comparison, compare, table } from './report.js'
import type { Figures, Scenario } from './scenario.js'

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string', default: 'kafka' },
    subject: { type: 'string', default: 'millrace' },
    scenario: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    json: { type: 'string', default: join(REPOSITORY, 'bench/.work/compare.json') },
    charts: { type: 'string' },
  },
})

async function main(): Promise<void> {
  const subject = peerName(options.subject)
  const names = [subject, ...options.peer.split(',').map(peerName)]
  const scenarios = wantedScenarios(options.scenario.split(',').filter((name) => name !== ''))
  await prepare(names, scenarios)
  const comparisons: Comparison[] = []
  const rounds: Record<string, Partial<Record<PeerName, Figures[]>>> = {}
  for (const scenario of scenarios) {
    const able = names.filter((name) => name !== 'ideal' || scenario.driver === 'native')
    const figures = await alternate(scenario, able)
    rounds[scenario.name] = figures
    comparisons.push(...compare(scenario.name, figures, subject))
    // After each scenario, so that a broker that fails in a later one takes nothing along.
    mkdirSync(dirname(options.json), { recursive: true })
    writeFileSync(options.json, JSON.stringify({ setting: setting(), comparisons, rounds }, null, 2))
  }
  if (options.charts !== undefined) writeCharts(options.charts, comparisons)
  process.stdout.write(`${table(comparisons)}\n`)
}

function peerName(name: string): PeerName {
  const known = PEERS.find((peer) => peer === name)
  if (known === undefined) throw new Error(`no such peer: ${name}; there are ${PEERS.join(', ')}`)
  return known
}

function wantedScenarios(wanted: readonly string[]): Scenario[] {
  const all = [...JAVA_SCENARIOS, ...NATIVE_SCENARIOS]
  const unknown = wanted.find((name) => !all.some((scenario) => scenario.name === name))
  if (unknown !== undefined) {
    throw new Error(`no such scenario: ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`)
  }
  return all.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
}

async function prepare(names: readonly PeerName[], scenarios: readonly Scenario[]): Promise<void> {
  const java = scenarios.some(({ driver }) => driver === 'java')
  if ((java || names.includes('kafka')) && !existsSync(JARS)) {
    throw new Error('the jars are missing; run: bash test/compat/run.sh --peer kafka --only none')
  }
  if (java) await compileTools()
  if (scenarios.some(({ driver }) => driver === 'native')) await buildNativeTools()
}

/** Each round begins with another peer, so that whatever drifts on the machine meets all of them alike. */
async function alternate(scenario: Scenario, names: readonly PeerName[]) {
  const figures: Partial<Record<PeerName, Figures[]>> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < Number(options.rounds); round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] as PeerName
      const measured = await measure(name, scenario)
      figures[name]?.push(measured)
      process.stderr.write(`${scenario.name} round ${round + 1} ${name}: ${JSON.stringify(measured)}\n`)
    }
  }
  return figures
}

/** What the broker wrote is removed, unless it failed: then its log is the first thing to read. */
async function measure(name: PeerName, scenario: Scenario): Promise<Figures> {
  const directory = join(REPOSITORY, 'bench/.work', name)
  const peer = await startPeer(name, directory)
  const figures = await scenario.run(peer, { scale: Number(options.scale) }).finally(() => peer.stop())
  rmSync(directory, { recursive: true, force: true })
  return figures
}

function setting() {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), kernel: release() }
  const scale = Number(options.scale)
  return { machine, node: process.version, kafkaJvmFlags: KAFKA_JVM_FLAGS, scale }
}

await main()
