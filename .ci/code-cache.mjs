// Starts a broker from the bundle, stops it, and keeps the code that V8 compiled for this beside the bundle, so that
// later starts on this Node need not compile it. Quiet when there is no bundle yet; without a cache all is the same but
// for the time of a start.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { root } from './files.mjs'

const START_TIMEOUT_MS = 60_000

const directory = join(root, 'dist/cli')

if (process.argv[2] === 'start') await startAndKeep()
else if (existsSync(join(directory, 'program.bundle.js'))) await make()

async function make() {
  const data = mkdtempSync(join(tmpdir(), 'millrace-'))
  const settings = [`log.dirs=${join(data, 'logs')}`, 'listeners=PLAINTEXT://127.0.0.1:0']
  const args = ['start', ...settings.flatMap((setting) => ['--override', setting])]
  // V8 refuses a cache that was made under other flags than it runs with.
  const env = { PATH: process.env.PATH }
  const stdio = ['ignore', 'pipe', 'inherit']
  const broker = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio, env })
  const exited = once(broker, 'exit')
  const timeout = setTimeout(() => broker.kill('SIGKILL'), START_TIMEOUT_MS)
  for await (const line of createInterface({ input: broker.stdout })) {
    if (line.includes('Kafka Server started')) broker.kill('SIGTERM')
  }
  const [code] = await exited
  clearTimeout(timeout)
  rmSync(data, { recursive: true, force: true })
  if (code !== 0) console.error('no broker could be started: without a code cache, starts take longer')
}

/** The command line reads the same arguments. */
async function startAndKeep() {
  const { codeCache } = await import(join(directory, 'millrace.js'))
  process.once('exit', (code) => {
    if (code !== 0) return
    const { path, content } = codeCache()
    writeFileSync(`${path}.tmp`, content)
    renameSync(`${path}.tmp`, path)
  })
}
