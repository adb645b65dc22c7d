// The micro-benchmarks at their real sizes.
//
//   npm run bench -- [--only codec,door] [--time 500] [--json FILE]
//
// Prints nanoseconds and bytes of the heap per unit, and the result hash of each subject; equal hashes mean equal work.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { MICRO_BENCHES } from './all.js'
import { type MicroResult, runMicro } from './harness.js'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    time: { type: 'string', default: '500' },
    json: { type: 'string' },
  },
})

const wanted = options.only.split(',').filter((name) => name !== '')
const unknown = wanted.find((name) => !MICRO_BENCHES.some((bench) => bench.name === name))
if (unknown !== undefined) throw new Error(`no such benchmark: ${unknown}`)
const results: MicroResult[] = []
for (const bench of MICRO_BENCHES) {
  if (wanted.length > 0 && !wanted.includes(bench.name)) continue
  process.stdout.write(`\n${bench.name}: ${bench.question} (ns per ${bench.unit})\n`)
  process.stdout.write(`${row('', 'median', 'mean', 'p99', 'bytes', 'hash')}\n`)
  for (const result of await runMicro(bench, { size: 'real', timeMs: Number(options.time) })) {
    results.push(result)
    const { subject, nanosecondsMedian, nanosecondsMean, nanosecondsP99, heapBytes, hash } = result
    const figures = [nanosecondsMedian, nanosecondsMean, nanosecondsP99].map((ns) => ns.toFixed(1))
    process.stdout.write(`${row(subject, ...figures, heapBytes.toFixed(0), hash)}\n`)
  }
}
if (options.json !== undefined) {
  writeFileSync(options.json, JSON.stringify({ node: process.version, results }, null, 2))
}

function row(name: string, ...cells: string[]): string {
  return `  ${name.padEnd(46)}${cells.map((cell) => cell.padStart(12)).join('')}`
}
