// How many system calls a process makes while a load runs: perf's tracepoint where perf is there and may, otherwise
// strace, which slows the process down and is therefore never attached while time is measured.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Both tools attach to every thread there is and say nothing when they have. */
const ATTACH_MS = 400

interface Counter {
  readonly command: (pid: number) => readonly [string, ...string[]]
  /** Undefined when the tool did not count. */
  readonly count: (output: string) => number | undefined
}

const perf: Counter = {
  command: (pid) => ['perf', 'stat', '-x,', '-e', 'raw_syscalls:sys_enter', '-p', String(pid)],
  count: (output) => optional(/^(\d+),[^,]*,raw_syscalls:sys_enter/m.exec(output)?.[1]),
}

const strace: Counter = {
  command: (pid) => ['strace', '-c', '-f', '-q', '-p', String(pid)],
  // Rows of every call; the one of their total leaves columns out.
  count: (output) => {
    const rows = [...output.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(?!total)\w+$/gm)]
    return rows.length === 0 ? undefined : rows.reduce((sum, row) => sum + Number(row[1]), 0)
  },
}

const optional = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits))

export const COUNTERS = { perf, strace }

/** Runs `work` and counts what the process `pid` asked of the kernel meanwhile. */
export async function countSystemCalls<Result>(pid: number, work: () => Promise<Result>) {
  const counter = (await probe(perf)) ? perf : strace
  const [command, ...words] = counter.command(pid)
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const output = collect(child)
  await new Promise((wake) => setTimeout(wake, ATTACH_MS))
  const result = await work().finally(() => child.kill('SIGINT'))
  const calls = counter.count(await output)
  if (calls === undefined) throw new Error(`no system calls were counted: ${await output}`)
  return { result, calls }
}

async function probe(counter: Counter): Promise<boolean> {
  const [command, ...words] = counter.command(process.pid)
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const output = collect(child)
  setTimeout(() => child.kill('SIGINT'), ATTACH_MS)
  return counter.count(await output) !== undefined
}

async function collect(child: ChildProcess): Promise<string> {
  let output = ''
  child.stderr?.on('data', (piece) => {
    output += piece
  })
  await once(child, 'close').catch(() => undefined)
  return output
}
