// A small metrics registry with Prometheus text output. Metrics are declared once, at the top of the file that
// counts; counting is a field increment. Label values come from our own closed sets, never from clients, and each
// metric holds at most `SERIES_MAX` label sets, past which new ones are counted together under "other".

import { assert } from './assert.js'

const SERIES_MAX = 1_000
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

type Labels = Readonly<Record<string, string>>

export class Counter {
  value = 0
  add(amount = 1): void {
    this.value += amount
  }
}

export class Histogram {
  readonly counts: Float64Array
  sum = 0
  count = 0
  /** Upper bounds, ascending; an implicit last bucket takes the rest. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length)
  }
  observe(value: number): void {
    this.sum += value
    this.count++
    for (let index = 0; index < this.bounds.length; index++) {
      if (value <= (this.bounds[index] as number)) {
        this.counts[index] = (this.counts[index] as number) + 1
        return
      }
    }
  }
}

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly series: Map<string, Counter | Histogram | (() => number)>
}

export class MetricsRegistry {
  readonly #families = new Map<string, Family>()

  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#series(name, 'counter', help, labels, () => new Counter()) as Counter
  }

  /** Read when somebody scrapes; nothing is counted in between. */
  gauge(name: string, help: string, read: () => number, labels: Labels = {}): void {
    const family = this.#family(name, 'gauge', help)
    if (family.series.size < SERIES_MAX) family.series.set(labelText(labels), read)
  }

  histogram(name: string, help: string, bounds: readonly number[], labels: Labels = {}): Histogram {
    return this.#series(name, 'histogram', help, labels, () => new Histogram(bounds)) as Histogram
  }

  /** Exposition format 0.0.4, families in the order they were declared. */
  prometheusText(): string {
    const lines: string[] = []
    for (const [name, family] of this.#families) {
      lines.push(`# HELP ${name} ${escapeHelp(family.help)}`, `# TYPE ${name} ${family.type}`)
      for (const [labels, metric] of family.series) lines.push(...seriesLines(name, labels, metric))
    }
    return `${lines.join('\n')}\n`
  }

  #series(name: string, type: Family['type'], help: string, labels: Labels, make: () => Counter | Histogram) {
    const { series } = this.#family(name, type, help)
    let key = labelText(labels)
    if (!series.has(key) && series.size >= SERIES_MAX) key = labelText({ series: 'other' })
    let metric = series.get(key)
    if (metric === undefined) {
      metric = make()
      series.set(key, metric)
    }
    return metric
  }

  #family(name: string, type: Family['type'], help: string): Family {
    assert(NAME.test(name), `${name} is not a metric name.`)
    let family = this.#families.get(name)
    if (family === undefined) {
      family = { type, help, series: new Map() }
      this.#families.set(name, family)
    }
    assert(family.type === type, `${name} is a ${family.type} already.`)
    return family
  }
}

function seriesLines(name: string, labels: string, metric: Counter | Histogram | (() => number)): string[] {
  if (typeof metric === 'function') return [`${name}${braced(labels)} ${metric()}`]
  if (metric instanceof Counter) return [`${name}${braced(labels)} ${metric.value}`]
  const separator = labels === '' ? '' : ','
  let below = 0
  const lines = metric.bounds.map((bound, index) => {
    below += metric.counts[index] as number
    return `${name}_bucket{${labels}${separator}le="${bound}"} ${below}`
  })
  lines.push(
    `${name}_bucket{${labels}${separator}le="+Inf"} ${metric.count}`,
    `${name}_sum${braced(labels)} ${metric.sum}`,
    `${name}_count${braced(labels)} ${metric.count}`,
  )
  return lines
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
