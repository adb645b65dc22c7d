// Millrace and a peer on the same machine, disk and load, in alternating rounds.
//
//   npm run bench:compare -- --peer kafka [--scenario NAME,...] [--rounds 5] [--scale 1] [--json FILE]
//
// Prints medians with their spread and ratios; writes every figure of every round as JSON. The peer's jars come
// from `bash test/compat/run.sh --peer kafka --only none`, which installs them.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { compileTools } from './java-tools.js'
import { JARS, KAFKA_JVM_FLAGS, type PeerName, REPOSITORY, startPeer } from './peers.js'
import { compare, table } from './report.js'
import { type Figures, SCENARIOS, type Scenario } from './scenarios.js'

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string', default: 'kafka' },
    scenario: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    json: { type: 'string', default: join(REPOSITORY, 'bench/.work/compare.json') },
  },
})

async function measure(name: PeerName, scenario: Scenario): Promise<Figures> {
  const peer = await startPeer(name, join(REPOSITORY, 'bench/.work', name))
  try {
    return await scenario.run(peer, { scale: Number(options.scale) })
  } finally {
    await peer.stop()
  }
}

async function main(): Promise<void> {
  const peer = options.peer
  if (peer !== 'kafka') throw new Error(`no such peer: ${peer}; there is kafka`)
  if (!existsSync(JARS))
    throw new Error('the jars are missing; run: bash test/compat/run.sh --peer kafka --only none')
  const wanted = options.scenario.split(',').filter((name) => name !== '')
  const scenarios = SCENARIOS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  await compileTools()
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), kernel: release() }
  const comparisons = []
  const rounds: Record<string, Record<PeerName, Figures[]>> = {}
  for (const scenario of scenarios) {
    const figures: Record<PeerName, Figures[]> = { millrace: [], kafka: [] }
    rounds[scenario.name] = figures
    for (let round = 1; round <= Number(options.rounds); round++) {
      const order: PeerName[] = round % 2 === 1 ? ['millrace', 'kafka'] : ['kafka', 'millrace']
      for (const name of order) {
        figures[name].push(await measure(name, scenario))
        process.stderr.write(
          `${scenario.name} round ${round} ${name}: ${JSON.stringify(figures[name].at(-1))}\n`,
        )
      }
    }
    comparisons.push(...compare(scenario.name, figures.millrace, figures.kafka))
  }
  mkdirSync(dirname(options.json), { recursive: true })
  const setting = {
    machine,
    node: process.version,
    kafkaJvmFlags: KAFKA_JVM_FLAGS,
    scale: Number(options.scale),
  }
  writeFileSync(options.json, JSON.stringify({ setting, comparisons, rounds }, null, 2))
  process.stdout.write(`${table(peer, comparisons)}\n`)
}

await main()
