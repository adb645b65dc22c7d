// Kafka's own load tools, run in JVMs of their own, their output read into figures.

import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { JARS, JAVA_LOGGING, REPOSITORY, WORK } from './places.js'

const run = promisify(execFile)
const CLASSES = join(WORK, 'classes')
const TOOL_TIMEOUT_MS = 300_000

export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly p9999: number
  readonly max: number
}

async function java(mainClass: string, argumentList: readonly string[]): Promise<string> {
  const flags = ['-Xmx512m', '-cp', `${CLASSES}:${JARS}/*`, `-Dlog4j2.configurationFile=${JAVA_LOGGING}`]
  const options = { timeout: TOOL_TIMEOUT_MS, maxBuffer: 64 << 20 }
  const { stdout } = await run('java', [...flags, mainClass, ...argumentList], options)
  return stdout
}

export async function compileTools(): Promise<void> {
  mkdirSync(CLASSES, { recursive: true })
  const sources = ['EndToEnd', 'TransactionRate'].map((name) =>
    join(REPOSITORY, `bench/compare/java/${name}.java`),
  )
  await run('javac', ['-d', CLASSES, '-cp', `${JARS}/*`, ...sources])
}

export async function createTopic(bootstrap: string, topic: string, partitions: number): Promise<void> {
  const names = ['--bootstrap-server', bootstrap, '--create', '--topic', topic]
  await java('org.apache.kafka.tools.TopicCommand', [...names, '--partitions', String(partitions)])
}

export interface ProduceLoad {
  readonly topic: string
  readonly records: number
  readonly recordBytes: number
  readonly properties: readonly string[]
}

/** Bytes per second of record payload; latencies as the tool rounds them to milliseconds. */
export async function producerPerformance(bootstrap: string, load: ProduceLoad) {
  const sizes = ['--num-records', String(load.records), '--record-size', String(load.recordBytes)]
  const properties = [`bootstrap.servers=${bootstrap}`, ...load.properties]
  const output = await java('org.apache.kafka.tools.ProducerPerformance', [
    ...['--topic', load.topic, '--throughput', '-1', ...sizes, '--command-property', ...properties],
  ])
  return parseProducerPerformance(output, load.recordBytes)
}

/** The last line: `N records sent, R records/sec (M MB/sec), A ms avg latency, X ms max latency, P ms 50th, …`. */
export function parseProducerPerformance(output: string, recordBytes: number) {
  const total = output.trim().split('\n').at(-1) ?? ''
  const number = (pattern: RegExp) => {
    const found = pattern.exec(total)
    if (found === null) throw new Error(`the producer tool ended with: ${total}`)
    return Number(found[1])
  }
  return {
    bytesPerSecond: number(/([\d.]+) records\/sec/) * recordBytes,
    p50Ms: number(/(\d+) ms 50th/),
    p99Ms: number(/(\d+) ms 99th/),
    p999Ms: number(/(\d+) ms 99\.9th/),
    maxMs: number(/([\d.]+) ms max latency/),
  }
}

/** Bytes per second while fetching, without the time a group needs to form. */
export async function consumerPerformance(bootstrap: string, topic: string, records: number) {
  const argumentList = ['--bootstrap-server', bootstrap, '--topic', topic, '--num-records', String(records)]
  const output = await java('org.apache.kafka.tools.ConsumerPerformance', argumentList)
  const row = output.trim().split('\n').at(-1)?.split(', ') ?? []
  const [megabytes, count, megabytesPerSecond] = [Number(row[2]), Number(row[4]), Number(row[8])]
  if (!(count >= records))
    throw new Error(`the consumer tool read ${count} of ${records} records:\n${output}`)
  return { bytesPerSecond: megabytesPerSecond * 2 ** 20, bytes: megabytes * 2 ** 20 }
}

export interface LatencyLoad {
  readonly topic: string
  readonly ratePerSecond: number
  readonly seconds: number
  readonly recordBytes: number
  readonly acks: string
}

/** Microseconds from the moment a record was due to its arrival at the consumer. */
export async function endToEnd(bootstrap: string, load: LatencyLoad): Promise<Latencies> {
  const numbers = [load.ratePerSecond, load.seconds, load.recordBytes].map(String)
  const result = JSON.parse(await java('EndToEnd', [bootstrap, load.topic, ...numbers, load.acks]))
  if (result.lost > 0) throw new Error(`${result.lost} records did not arrive`)
  return result
}

export interface TransactionLoad {
  readonly topic: string
  readonly transactions: number
  readonly records: number
  readonly recordBytes: number
}

/** Transactions per second of one producer, each of so many records. */
export async function transactionRate(bootstrap: string, load: TransactionLoad): Promise<number> {
  const numbers = [load.transactions, load.records, load.recordBytes].map(String)
  return Number(await java('TransactionRate', [bootstrap, load.topic, ...numbers]))
}
