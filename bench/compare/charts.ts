// Which pictures a comparison gives.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Cost, costChart } from './charts/cost-chart.js'
import { type HeatCell, heatMap } from './charts/heat-map.js'
import { lineChart, type Series } from './charts/line-chart.js'
import { ratioChart } from './charts/ratio-chart.js'
import { colorOf } from './charts/svg.js'
import { compare, summariesOf } from './comparison.js'
import { numbersOf } from './numbers.js'
import type { PeerName } from './peers.js'
import { digits } from './report.js'
import type { Results, ScenarioResults } from './results.js'
import { PARTITION_COUNTS } from './scenarios/partitions.js'
import { MATRIX, nameOf } from './scenarios/produce.js'
import type { Summary } from './statistics.js'

/** Writes those for which there are figures; their file names, with what they show. */
export function writeCharts(directory: string, results: Results, subject: PeerName): Map<string, string> {
  const charts = [...numbers(results, subject), ...curves(results), ...matrix(results, subject)]
  for (const [name, scenario] of Object.entries(results)) charts.push(...latencies(name, scenario))
  mkdirSync(directory, { recursive: true })
  for (const { file, svg } of charts) writeFileSync(join(directory, file), svg)
  return new Map(charts.map(({ file, what }) => [file, what]))
}

interface Chart {
  readonly file: string
  readonly what: string
  readonly svg: string
}

function numbers(results: Results, subject: PeerName): Chart[] {
  const rows = numbersOf(results, subject)
  return (['kafka', 'ideal'] as const).flatMap((peer) => {
    const judged = rows.filter(({ against, judged }) => against === peer && judged !== undefined)
    const what = `The numbers to reach: ${subject} / ${peer}`
    return judged.length === 0 ? [] : [{ file: `numbers-${peer}.svg`, what, svg: ratioChart(what, judged) }]
  })
}

const SIZES = new Map([
  ['1 record', 'produce-one-record'],
  ['16 KB', 'produce-16-KB'],
  ['64 KB', 'produce-64-KB'],
  ['1 MB', 'produce-1-MB'],
])
const COSTS = [
  'produce-16-KB',
  'produce-64-KB',
  'produce-1-MB',
  'consume-64-KB',
  'consume-256-KB',
  'consume-cold',
].concat(['consume-tail', 'fan-out-10-groups'])

function curves(results: Results): Chart[] {
  const rate = (value: number) => `${digits(value)} MB/s`
  const bySize = [...SIZES].map(([column, scenario]) => ({ column, scenario, figure: 'MBps' }))
  const byPartitions = PARTITION_COUNTS.map((count) => ({
    column: String(count),
    scenario: 'partitions',
    figure: `${count}-partitions.MBps`,
  }))
  const costs = COSTS.flatMap((name) => costsOf(name, results[name]))
  return [
    ...columnChart(
      'throughput-by-batch-size',
      'Produce throughput by size of batch, acks=1',
      bySize,
      results,
      rate,
    ),
    ...columnChart(
      'throughput-by-partitions',
      'Produce throughput by number of partitions, 16 KB batches',
      byPartitions,
      results,
      rate,
    ),
    ...(costs.length === 0
      ? []
      : [{ file: 'cpu.svg', what: 'CPU per GB', svg: costChart('What a gigabyte costs', costs) }]),
  ]
}

interface Column {
  readonly column: string
  readonly scenario: string
  readonly figure: string
}

function columnChart(
  name: string,
  title: string,
  wanted: readonly Column[],
  results: Results,
  unit: (value: number) => string,
): Chart[] {
  const peers = new Set(
    wanted.flatMap(({ scenario }) => Object.keys(results[scenario]?.rounds ?? {}) as PeerName[]),
  )
  const series = [...peers].map((peer): Series => {
    const points = wanted.flatMap(({ column, scenario, figure }) => {
      const measured = results[scenario]
      const summary = measured && summariesOf(measured, peer).get(figure)
      return summary === undefined ? [] : [[column, summary] as const]
    })
    return { name: peer, color: colorOf(peer), points: new Map(points) }
  })
  const columns = wanted.map(({ column }) => column)
  if (!series.some(({ points }) => points.size > 1)) return []
  return [{ file: `${name}.svg`, what: title, svg: lineChart({ title, columns, series, unit }) }]
}

function costsOf(label: string, results: ScenarioResults | undefined): Cost[] {
  if (results === undefined) return []
  return (Object.keys(results.rounds) as PeerName[]).flatMap((peer) => {
    const summaries = summariesOf(results, peer)
    const user = summaries.get('userSecondsPerGB')?.median
    const system = summaries.get('systemSecondsPerGB')?.median
    return user === undefined || system === undefined ? [] : [{ label, peer, user, system }]
  })
}

function matrix(results: Results, subject: PeerName): Chart[] {
  const measured = results['produce-matrix']
  if (measured === undefined) return []
  const ratios = compare('produce-matrix', measured, subject).filter(({ peerName }) => peerName === 'kafka')
  const cells = MATRIX.flatMap((cell): HeatCell[] => {
    const row = ratios.find(({ figure }) => figure === `${nameOf(cell)}.recordsPerSecond`)
    if (row === undefined) return []
    const thousands = (summary: Summary) => digits(summary.median / 1_000)
    const note = `${thousands(row.subject)}k / ${thousands(row.peer)}k records/s`
    return [
      {
        row: `${cell.recordBytes} B, ${cell.compression}`,
        column: `acks=${cell.acks}`,
        ratio: row.ratio.median,
        note,
      },
    ]
  })
  if (cells.length === 0) return []
  const title = 'Records per second by size, compression and acknowledgement'
  const svg = heatMap(title, `${subject} / kafka; batches of 64 KB before compression`, cells)
  return [{ file: 'produce-matrix.svg', what: title, svg }]
}

const PERCENTILES = new Map([
  ['p50', 'p50Us'],
  ['p90', 'p90Us'],
  ['p99', 'p99Us'],
  ['p99.9', 'p999Us'],
  ['p99.99', 'p9999Us'],
  ['max', 'maxUs'],
])
const DASHES = ['', '6 4', '2 3']

/** Open loops, and closed ones with one request in flight; of others latencies tell how long the queue was. */
const TIMED = [
  'end-to-end-half',
  'tail-beside-cold',
  'script-busy',
  'connections-1000',
  'java-end-to-end',
].concat(['produce-one-record', 'durable-acks'])

/** One line per broker and part of the scenario. */
function latencies(name: string, results: ScenarioResults): Chart[] {
  if (!TIMED.includes(name)) return []
  const series = (Object.keys(results.rounds) as PeerName[]).flatMap((peer) => {
    const summaries = summariesOf(results, peer)
    const parts = [...summaries.keys()].flatMap(
      (figure) => /^(?:(.*)\.)?p99Us$/.exec(figure)?.[1] ?? (figure === 'p99Us' ? '' : []),
    )
    return parts.map((part, index): Series => {
      const points = [...PERCENTILES].flatMap(([column, figure]) => {
        const summary = summaries.get(part === '' ? figure : `${part}.${figure}`)
        return summary === undefined ? [] : [[column, summary] as const]
      })
      const label = part === '' ? peer : `${peer} ${part}`
      return {
        name: label,
        color: colorOf(peer),
        dash: DASHES[index % DASHES.length] as string,
        points: new Map(points),
      }
    })
  })
  if (!series.some(({ points }) => points.size > 2)) return []
  const what = `Latency: ${name}`
  const subtitle = 'Medians over rounds, the band from the least to the greatest round.'
  const svg = lineChart({ title: what, subtitle, columns: [...PERCENTILES.keys()], series, unit: duration })
  return [{ file: `latency-${name}.svg`, what, svg }]
}

const duration = (us: number): string =>
  us < 1_000 ? `${digits(us)} µs` : us < 1e6 ? `${digits(us / 1_000)} ms` : `${digits(us / 1e6)} s`
