// The native load generator as a function: builds it, runs it, reads its line of JSON.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NATIVE, REPOSITORY } from './peers.js'

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
  readonly p99Us: number
  readonly p999Us: number
  readonly maxUs: number
}

/** Rejects when the broker answered anything wrongly. */
export async function runLoad(bootstrap: string, options: LoadOptions): Promise<LoadOutcome> {
  const words = Object.entries({ connect: bootstrap, ...options }).map(([name, value]) => `${name}=${value}`)
  const { stdout } = await run(join(NATIVE, 'load'), words, { timeout: LOAD_TIMEOUT_MS })
  return JSON.parse(stdout) as LoadOutcome
}
