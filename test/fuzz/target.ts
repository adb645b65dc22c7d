// The broker under attack, in a process of its own on a fresh directory.

import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const READY_MS_MAX = 60_000
const MAIN = fileURLToPath(new URL('../../dist/cli/millrace.js', import.meta.url))
const OVERRIDES = ['auto.create.topics.enable=false', 'offsets.topic.num.partitions=5']

export interface Target {
  readonly port: number
  rssMb(): number
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
  const line = ['exec', command, MAIN, 'start', ...overrides.flatMap((override) => ['--override', override])]
  const child = spawn('bash', ['-c', line.join(' ')], { stdio: ['ignore', log, log] })
  const ended = new Promise<{ code: number | null; signal: string | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }))
  })
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
    async stop() {
      child.kill('SIGTERM')
      const exit = await ended
      output = readFileSync(logPath, 'utf8')
      if (exit.code === 0) rmSync(directory, { recursive: true, force: true })
      else process.stderr.write(`the output of the broker is in ${logPath}\n`)
      return exit
    },
    sanitizerReports: () => output.split('\n').filter((text) => /Sanitizer|runtime error/.test(text)),
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => found(port))
    })
  })
}
