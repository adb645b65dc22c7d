// The broker under attack, in a process of its own on a fresh directory.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.js'

const MB = 1024 * 1024
const READY_MS_MAX = 60_000
const MAIN = fileURLToPath(new URL('../../dist/cli/millrace.js', import.meta.url))
const PRELOAD = new URL('memory.mjs', import.meta.url).href
const SETTLE_MS_MAX = 60_000
const STOP_MS_MAX = 60_000
const OVERRIDES = ['auto.create.topics.enable=false', 'offsets.topic.num.partitions=5']

export interface Memory {
  readonly rss: number
  readonly heap: number
}

export interface Target {
  readonly port: number
  rssMb(): number
  /** After the garbage was collected: resident memory and live JavaScript, in MB. */
  settledMb(): Promise<Memory>
  stop(): Promise<{ code: number | null; signal: string | null }>
  sanitizerReports(): string[]
}

/** `command` replaces `node`, e.g. with an environment that preloads a sanitizer. */
export async function startTarget(command = process.execPath): Promise<Target> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))
  const port = await freePort()
  const logPath = join(directory, 'server.log')
  const log = openSync(logPath, 'w')
  const overrides = [`listeners=PLAINTEXT://127.0.0.1:${port}`, `log.dirs=${directory}/data`, ...OVERRIDES]
  const memoryPath = join(directory, 'memory.json')
  const node = [command, '--expose-gc', '--import', PRELOAD]
  const line = ['exec', ...node, MAIN, 'start', ...overrides.flatMap((override) => ['--override', override])]
  const child = spawn('bash', ['-c', line.join(' ')], {
    stdio: ['ignore', log, log],
    env: { ...process.env, MILLRACE_FUZZ_MEMORY: memoryPath },
  })
  const ended = new Promise<{ code: number | null; signal: string | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }))
  })
  // Whatever ends this process, the broker ends with it.
  process.once('exit', () => child.kill('SIGKILL'))
  const deadline = Date.now() + READY_MS_MAX
  while (!readFileSync(logPath, 'utf8').includes('Kafka Server started')) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`the broker did not start:\n${readFileSync(logPath, 'utf8')}`)
    }
    await new Promise((wake) => setTimeout(wake, 20))
  }
  let output = ''
  return {
    port,
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    async settledMb() {
      rmSync(memoryPath, { force: true })
      child.kill('SIGUSR2')
      const { rss, heapUsed } = await written(memoryPath)
      return { rss: rss / MB, heap: heapUsed / MB }
    },
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      const exit = await ended
      clearTimeout(late)
      output = readFileSync(logPath, 'utf8')
      if (exit.code === 0) rmSync(directory, { recursive: true, force: true })
      else process.stderr.write(`the output of the broker is in ${logPath}\n`)
      return exit
    },
    sanitizerReports: () => output.split('\n').filter((text) => /Sanitizer|runtime error/.test(text)),
  }
}

/** What the broker writes there; a file still being written does not parse. */
async function written(path: string): Promise<{ rss: number; heapUsed: number }> {
  const deadline = Date.now() + SETTLE_MS_MAX
  while (Date.now() < deadline) {
    try {
      if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'))
    } catch {}
    await new Promise((wake) => setTimeout(wake, 20))
  }
  throw new Error('the broker did not say what memory it holds')
}
