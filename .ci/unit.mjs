// Runs the TypeScript tests: every `*.test.ts` under test/ but the compatibility checks, or those whose path holds
// one of the words given. Prints what failed, what was skipped and why, and the runner's closing lines; `--verbose` prints everything.
//
//   node .ci/unit.mjs [--verbose] [word ...]
//
// Property tests draw the same cases every time; MILLRACE_SEED=random, or a number, draws others.

import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { filesBelow, root } from './files.mjs'

const verbose = process.argv.includes('--verbose')
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const files = filesBelow(
  'test',
  (file) => file.endsWith('.test.ts') && !file.startsWith('test/compat/'),
).filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
if (files.length === 0) {
  console.error('no test files')
  process.exit(1)
}

const loaders = ['--import', 'tsx', '--import', './test/support/property-seed.ts']
// Node leaves one core to itself by default, but tests wait more than they compute.
const limits = [`--test-concurrency=${Math.max(2, availableParallelism())}`, '--test-timeout=300000']
const args = [...loaders, '--test', '--test-reporter=tap', ...limits, ...files]
const runner = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
const lines = createInterface({ input: runner.stdout })
const exited = new Promise((resolve) => runner.once('exit', (code) => resolve(code ?? 1)))

/** Lines of a failed test: from its "not ok" to the end of its details. */
let failing = false
for await (const line of lines) {
  if (/^\s*not ok /.test(line)) failing = true
  if (
    verbose ||
    failing ||
    / # SKIP/.test(line) ||
    /^# (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(line)
  ) {
    console.log(line)
  }
  if (/^\s*\.\.\.$/.test(line)) failing = false
}
process.exitCode = await exited
