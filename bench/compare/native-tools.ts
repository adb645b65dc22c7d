// The native load generator as a function: builds it, runs it, reads its line of JSON.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NATIVE, REPOSITORY } from './places.js'

const run = promisify(execFile)
const LOAD_TIMEOUT_MS = 300_000

export async function buildNativeTools(): Promise<void> {
  await run('make', ['-s', '-C', join(REPOSITORY, 'bench/native')])
}

/** Named as `bench/native/load.cc` documents them. */
export type LoadOptions = Readonly<Record<string, string | number>>

/** Rates and latencies are those of the measured window, totals those of the whole run. */
export interface LoadOutcome {
  readonly seconds: number
  readonly requestsPerSecond: number
  readonly recordsPerSecond: number
  readonly MBps: number
  readonly totalRequests: number
  readonly totalRecords: number
  readonly totalBytes: number
  readonly errors: number
  readonly clientCpuSeconds: number
  readonly p50Us: number
  readonly p90Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly p9999Us: number
  readonly maxUs: number
  /** Of an open loop of records: how late the generator itself sent them. */
  readonly late_p99Us?: number
}

/** Rejects when the broker answered anything wrongly. */
export async function runLoad(bootstrap: string, options: LoadOptions): Promise<LoadOutcome> {
  const { stdout } = await run(join(NATIVE, 'load'), wordsOf({ connect: bootstrap, ...options }), {
    timeout: LOAD_TIMEOUT_MS,
  })
  return JSON.parse(stdout) as LoadOutcome
}

/** Creates the topic unless it is there; resolves when every partition answers, with the records in all of them. */
export async function awaitTopic(bootstrap: string, topic: LoadOptions): Promise<number> {
  const words = wordsOf({ mode: 'topic', connect: bootstrap, ...topic })
  const { stdout } = await run(join(NATIVE, 'load'), words, { timeout: LOAD_TIMEOUT_MS })
  return (JSON.parse(stdout) as { records: number }).records
}

/** Drops the segments below a directory from the page cache; the share of their bytes that stayed. */
export async function evict(directory: string): Promise<number> {
  const { stdout } = await run(join(NATIVE, 'cache'), ['action=evict', `dir=${directory}`])
  const { bytes, residentBytes } = JSON.parse(stdout) as { bytes: number; residentBytes: number }
  return bytes === 0 ? 0 : residentBytes / bytes
}

/** A load, or the dropping of caches, that goes on beside a measured one until `end` is called. */
export function background(program: 'load' | 'cache', options: LoadOptions) {
  const child = spawn(join(NATIVE, program), wordsOf(options), { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const closed = once(child, 'close')
  return {
    /**
     * What it printed: of a load that consumes, how it went until now. Rejects when it had ended by itself: what was
     * measured beside it is not what was asked for.
     */
    async end(): Promise<string> {
      if (child.exitCode !== null) throw new Error(`${program} ended by itself`)
      child.kill()
      await closed
      return printed
    },
  }
}

function wordsOf(options: LoadOptions): string[] {
  return Object.entries(options).map(([name, value]) => `${name}=${value}`)
}
