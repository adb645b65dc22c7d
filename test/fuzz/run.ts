// Does the broker survive damaged frames: no crash, no growth, other clients served, stored records untouched?
//
//   node --import tsx test/fuzz/run.ts [--frames 1000000] [--seed N] [--rss-growth-mb-max 32] [--command '…']
//
// The broker runs as a process of its own (`dist/`, or the shell command given, for a sanitized build). Prints one
// JSON line; exit code 1 when anything is wrong.

import { parseArgs } from 'node:util'
import { SeededRandom } from '../../src/base/random.js'
import { attack } from './attacker.js'
import { seedFrames } from './seeds.js'
import { type Memory, startTarget } from './target.js'
import { Witness } from './witness.js'

const ATTACKERS = 16
const WITNESS_TOPIC = 'witness'
/** Damaging a request for this topic cannot turn it into an honest write to the other. */
const ATTACKED_TOPIC = 'under-attack'

const { values: options } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    'rss-growth-mb-max': { type: 'string', default: '32' },
    command: { type: 'string' },
  },
})

const seed = Number(options.seed)
process.stderr.write(`seed ${seed}\n`)
const target = await startTarget(options.command)
const witness = await Witness.connect(target.port, { own: WITNESS_TOPIC, attacked: ATTACKED_TOPIC })
const frames = await seedFrames(seed, ATTACKED_TOPIC)
const random = new SeededRandom(seed)

async function round(count: number, label: string): Promise<void> {
  const budget = { left: count }
  const attackers = Array.from({ length: ATTACKERS }, (_, index) =>
    attack(target.port, frames, random.fork(`${label} ${index}`), budget),
  )
  const over = Promise.all(attackers).then(() => true)
  while (!(await Promise.race([over, witness.check().then(() => false)])));
}

const total = Number(options.frames)
const problems: string[] = []
let warm: Memory = { rss: 0, heap: 0 }
let end: Memory = warm
try {
  // The first tenth compiles codecs and fills pools; growth counts from there.
  await round(Math.ceil(total / 10), 'warm-up')
  warm = await target.settledMb()
  for (let step = 1; step <= 9; step++) {
    await round(Math.ceil(total / 10), `step ${step}`)
    const rss = target.rssMb()
    end = await target.settledMb()
    process.stderr.write(
      `${step + 1}0 % of ${total} frames, RSS ${rss.toFixed(0)} MB, ` +
        `${end.rss.toFixed(0)} MB after collection, live JavaScript ${end.heap.toFixed(1)} MB\n`,
    )
  }
  await witness.verify()
} catch (error) {
  problems.push(String(error))
}
if (end.rss - warm.rss > Number(options['rss-growth-mb-max'])) problems.push('resident memory grew')
witness.close()
const exit = await target.stop()
if (exit.code !== 0) problems.push(`the broker ended with ${JSON.stringify(exit)}`)
problems.push(...target.sanitizerReports())
const figures = { frames: total, checks: witness.checks, warmMb: warm, endMb: end }
process.stdout.write(`${JSON.stringify({ seed, ...figures, problems })}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
