// The brokers of a comparison. Each starts on an empty directory of the same disk and is stopped by its pid.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../test/support/free-port.js'
import { kafkaCommand } from './kafka.js'
import { MILLRACE, NATIVE, REPOSITORY } from './places.js'

const READY_TIMEOUT_MS = 600_000
const STOP_TIMEOUT_MS = 120_000
const READY_PAUSE_MS = 5

/** `ideal` is no broker: it is the floor of `bench/native`, which only the native load generator can drive. */
export const PEERS = ['millrace', 'kafka', 'ideal'] as const
export type PeerName = (typeof PEERS)[number]

/** `embedded` is Millrace inside a program whose script can be made busy by SIGUSR2, see `embedded.ts`. */
export type Launch = 'process' | 'embedded'

/** What a load needs to know; it may also be a broker that somebody else started. */
export interface LoadedPeer {
  readonly name: PeerName
  readonly bootstrap: string
  /** Of the process that runs now, as are the times of a `RunningPeer`. */
  readonly pid: number
}

export interface RunningPeer extends LoadedPeer {
  readonly directory: string
  readonly startedAtMs: number
  readonly readyMs: number
  /** Ends the process with this signal and starts it again on what it left. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  stop(): Promise<void>
}

const READY: Readonly<Record<PeerName, string>> = {
  millrace: 'Kafka Server started',
  kafka: 'Kafka Server started',
  ideal: 'ready ',
}

export interface StartOptions {
  readonly launch?: Launch
  /** Broker settings as key=value. */
  readonly settings?: readonly string[]
}

export async function startPeer(
  name: PeerName,
  directory: string,
  { launch = 'process', settings = [] }: StartOptions = {},
): Promise<RunningPeer> {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const command = await commandOf(name, { port, directory, launch, settings })
  const logPath = join(directory, 'server.out')
  const start = () => startProcess(command, logPath, READY[name])
  let running = await start()
  return {
    name,
    directory,
    bootstrap: `127.0.0.1:${port}`,
    get pid() {
      return running.child.pid as number
    },
    get startedAtMs() {
      return running.startedAtMs
    },
    get readyMs() {
      return running.readyMs
    },
    async restart(signal) {
      await stopped(running.child, signal)
      running = await start()
    },
    stop: () => stopped(running.child, 'SIGTERM'),
  }
}

interface Place {
  readonly port: number
  readonly directory: string
  readonly launch: Launch
  readonly settings: readonly string[]
}

async function commandOf(name: PeerName, place: Place): Promise<string[]> {
  const { port, directory, launch, settings } = place
  if (name === 'kafka') return kafkaCommand({ ...place, controllerPort: await freePort() })
  if (name === 'ideal') return [join(NATIVE, 'ideal'), `listen=${port}`, `dir=${directory}`]
  const data = join(directory, 'data')
  if (launch === 'embedded') {
    const program = join(REPOSITORY, 'bench/compare/embedded.ts')
    return [process.execPath, '--import', 'tsx', program, MILLRACE, String(port), data]
  }
  const overrides = [`listeners=PLAINTEXT://127.0.0.1:${port}`, `log.dirs=${data}`, ...settings]
  const flags = overrides.flatMap((override) => ['--override', override])
  return [process.execPath, join(MILLRACE, 'dist/cli/millrace.js'), 'start', ...flags]
}

async function startProcess(command: readonly string[], logPath: string, ready: string) {
  const log = openSync(logPath, 'w')
  const startedAtMs = performance.now()
  const [program, ...words] = command
  const child = spawn(program as string, words, { stdio: ['ignore', log, log], cwd: REPOSITORY })
  endWithUs(child)
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (!readFileSync(logPath, 'utf8').includes(ready)) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the broker did not start; its output is in ${logPath}`)
    }
    await new Promise((wake) => setTimeout(wake, READY_PAUSE_MS))
  }
  return { child, startedAtMs, readyMs: performance.now() - startedAtMs }
}

/** A comparison that is interrupted leaves no broker behind. */
function endWithUs(child: ChildProcess): void {
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
}

async function stopped(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error('the broker ended by itself')
  const exited = once(child, 'exit')
  const timeout = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  child.kill(signal)
  await exited
  clearTimeout(timeout)
}
