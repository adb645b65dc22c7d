// Goal: the command as it is typed. Method: a process of its own for each, none of which starts a broker.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

function millrace(...args: string[]) {
  const command = ['--import', 'tsx', 'src/cli/millrace.ts', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('--version is the package’s', () => {
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  assert.deepEqual(millrace('--version'), { status: 0, stdout: `${version}\n`, stderr: '' })
})

test('--help names the verbs, start --help its options', () => {
  assert.match(millrace('--help').stdout, /start \[options\] \[server\.properties\]/)
  assert.match(millrace('start', '--help').stdout, /--override <key=value>[\s\S]*--json/)
})

test('mistakes on the command line give 1 and are told on standard error', () => {
  const unknown = millrace('begin')
  assert.equal(unknown.status, 1)
  assert.match(unknown.stderr, /unknown command 'begin'/)
  const pair = millrace('start', '--override', 'nonsense')
  assert.equal(pair.status, 1)
  assert.match(pair.stderr, /Write it as key=value/)
})
