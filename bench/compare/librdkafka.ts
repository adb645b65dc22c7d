// librdkafka's own performance tool: built on demand, run, its closing lines read into figures.

import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY } from './places.js'

const run = promisify(execFile)
const TOOL_TIMEOUT_MS = 300_000

let program = ''

/** A minute or two of compilation the first time. */
export function buildLibrdkafka(): void {
  const script = join(REPOSITORY, 'bench/librdkafka/build.sh')
  program = execFileSync('bash', [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }).trim()
}

export interface RdkafkaLoad {
  readonly topic: string
  readonly partitions: number
  readonly records: number
  readonly recordBytes: number
  readonly acks: string
}

export async function rdkafkaProduce(bootstrap: string, load: RdkafkaLoad): Promise<Rate> {
  const sizes = ['-s', String(load.recordBytes), '-c', String(load.records), '-a', load.acks]
  return rateOf(await tool(['-P', '-t', load.topic, '-b', bootstrap, ...sizes]), load.records)
}

export async function rdkafkaConsume(bootstrap: string, load: RdkafkaLoad): Promise<Rate> {
  const partitions = Array.from({ length: load.partitions }, (_, index) => ['-p', String(index)]).flat()
  const words = ['-C', '-t', load.topic, ...partitions, '-b', bootstrap, '-o', 'beginning']
  return rateOf(await tool([...words, '-c', String(load.records)]), load.records)
}

async function tool(words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, [...words], { timeout: TOOL_TIMEOUT_MS, maxBuffer: 64 << 20 })
  return `${stdout}\n${stderr}`
}

export interface Rate {
  readonly recordsPerSecond: number
  readonly MBps: number
}

const SUMMARIES = [
  /(\d+) delivered \([^)]*\) in \d+ms: (\d+) msgs\/s and ([\d.]+) MB\/s/g,
  /(\d+) messages \(\d+ bytes\) consumed in \d+ms: (\d+) msgs\/s \(([\d.]+) MB\/s\)/g,
]

/** From the last summary, which counts what was delivered or consumed. */
export function rateOf(output: string, records: number): Rate {
  const last = SUMMARIES.flatMap((summary) => [...output.matchAll(summary)]).at(-1)
  if (last === undefined || Number(last[1]) < records) {
    throw new Error(`the tool did not do ${records} records:\n${output.slice(-2_000)}`)
  }
  return { recordsPerSecond: Number(last[2]), MBps: Number(last[3]) }
}
