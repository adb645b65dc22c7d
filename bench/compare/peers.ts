// The brokers of a comparison. Each starts on an empty directory of the same disk and is stopped by its pid.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const REPOSITORY = resolve(fileURLToPath(import.meta.url), '../../..')
export const JARS = join(REPOSITORY, 'test/compat/.work/jars')
/** Another checkout or installed package to measure instead of this one. */
const MILLRACE = process.env.MILLRACE_DIRECTORY ?? REPOSITORY
export const NATIVE = join(REPOSITORY, 'bench/.work/native')
const READY_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 60_000

/** `ideal` is no broker: it is the floor of `bench/native`, which only the native load generator can drive. */
export const PEERS = ['millrace', 'kafka', 'ideal'] as const
export type PeerName = (typeof PEERS)[number]

export interface RunningPeer {
  readonly name: PeerName
  readonly pid: number
  readonly bootstrap: string
  readonly readyMs: number
  stop(): Promise<void>
}

const READY: Readonly<Record<PeerName, string>> = {
  millrace: 'Kafka Server started',
  kafka: 'Kafka Server started',
  ideal: 'ready ',
}

/** Apache Kafka as its own start script runs it: 1 GB heap, G1; Millrace with its defaults; `settings` are key=value. */
export async function startPeer(
  name: PeerName,
  directory: string,
  settings: readonly string[] = [],
): Promise<RunningPeer> {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const command = await commandOf(name, { port, directory, settings })
  const logPath = join(directory, 'server.log')
  const log = openSync(logPath, 'w')
  const startedAt = performance.now()
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', log, log],
    cwd: REPOSITORY,
  })
  await untilReady(child, logPath, READY[name])
  const readyMs = performance.now() - startedAt
  return {
    name,
    pid: child.pid as number,
    bootstrap: `127.0.0.1:${port}`,
    readyMs,
    stop: () => stopped(child),
  }
}

interface Place {
  readonly port: number
  readonly directory: string
  readonly settings: readonly string[]
}

async function commandOf(name: PeerName, place: Place): Promise<string[]> {
  if (name === 'kafka') return kafkaCommand(place)
  if (name === 'millrace') return millraceCommand(place)
  const { port, directory } = place
  return [join(NATIVE, 'ideal'), `listen=${port}`, `dir=${directory}`]
}

function millraceCommand({ port, directory, settings }: Place): string[] {
  const own = [`listeners=PLAINTEXT://127.0.0.1:${port}`, `log.dirs=${join(directory, 'data')}`]
  const overrides = [...own, ...settings]
  const flags = overrides.flatMap((override) => ['--override', override])
  return [process.execPath, join(MILLRACE, 'dist/cli/millrace.js'), 'start', ...flags]
}

async function kafkaCommand({ port, directory, settings }: Place): Promise<string[]> {
  const script = join(REPOSITORY, 'test/compat/kafka.sh')
  const prepare = `source '${script}' && kafka_properties ${port} '${directory}' ${settings.join(' ')} >'${directory}/server.properties' \
    && kafka_java -Xmx256m kafka.tools.StorageTool format --standalone --cluster-id "$(kafka_uuid)" \
    --config '${directory}/server.properties'`
  const controllerPort = await freePort()
  const env = { ...process.env, KAFKA_CONTROLLER_PORT: String(controllerPort) }
  execFileSync('bash', ['-c', prepare], { env, stdio: 'pipe' })
  const logging = join(REPOSITORY, 'test/compat/java/log4j2.properties')
  return ['java', ...KAFKA_JVM_FLAGS, '-cp', `${JARS}/*`, `-Dlog4j2.configurationFile=${logging}`].concat([
    '-Dcompat.log.level=info',
    'kafka.Kafka',
    join(directory, 'server.properties'),
  ])
}

/** Heap and collector of Kafka's start script. */
export const KAFKA_JVM_FLAGS = [
  '-Xmx1g',
  '-Xms1g',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
].concat(['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'])

async function untilReady(child: ChildProcess, logPath: string, ready: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (!readFileSync(logPath, 'utf8').includes(ready)) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      throw new Error(`the broker did not start; its output is in ${logPath}`)
    }
    await new Promise((wake) => setTimeout(wake, 5))
  }
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    const timeout = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    child.once('exit', () => {
      clearTimeout(timeout)
      done()
    })
    child.kill('SIGTERM')
  })
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
