// A broker in a process of its own, which can be killed.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface BrokerProcess {
  readonly process: ChildProcess
  readonly bootstrap: string
}

/** Resolves when it serves, on a free port. */
export async function startProcess(
  overrides: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<BrokerProcess> {
  const options = ['listeners=PLAINTEXT://127.0.0.1:0', ...overrides].flatMap((text) => ['--override', text])
  const command = ['--import', 'tsx', 'src/cli/millrace.ts', 'start', ...options]
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: { ...process.env, MILLRACE_LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const chunk of child.stdout) {
    said += chunk
    const bootstrap = /bootstrap=(\S+)/.exec(said)?.[1]
    if (bootstrap === undefined || !said.includes('Kafka Server started')) continue
    child.stdout.resume()
    return { process: child, bootstrap }
  }
  throw new Error(`the broker did not start: ${said}`)
}

export async function killProcess({ process: child }: BrokerProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
