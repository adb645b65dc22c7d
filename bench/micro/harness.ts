// What every micro-benchmark shares: parameters with a small and a real value, a result hash, one way to run.
//
// The small values run in the test suite, so that no benchmark rots; the hash covers what the measured code
// produced, so that nobody wins by doing less. A subject does `operations` of its unit per call, large enough that
// the clock's resolution does not matter.

import { Bench } from 'tinybench'

export type Size = 'small' | 'real'

/** A named parameter; `value` picks one of its sizes. */
export interface Parameter {
  readonly small: number
  readonly real: number
}

export interface Subject {
  readonly name: string
  /** Units of work in one call of `run`. */
  readonly operations: number
  /** Returns a number that depends on everything the call produced, the same at every call. */
  run(): number
}

export interface MicroBench {
  readonly name: string
  readonly question: string
  /** What one operation is. */
  readonly unit: string
  readonly parameters: Readonly<Record<string, Parameter>>
  /** Builds the subjects; `close` gives back what they hold. */
  open(values: Readonly<Record<string, number>>): Promise<OpenBench> | OpenBench
}

export interface OpenBench {
  readonly subjects: readonly Subject[]
  close?(): Promise<void> | void
}

export interface MicroResult {
  readonly bench: string
  readonly subject: string
  readonly unit: string
  readonly nanosecondsMedian: number
  readonly nanosecondsP99: number
  /** Garbage collections are part of the mean and hidden by the median. */
  readonly nanosecondsMean: number
  /** Of the script's heap; what an operation leaves behind for the collector. */
  readonly heapBytes: number
  readonly hash: string
}

export interface RunOptions {
  readonly size: Size
  /** Least time spent on a subject. */
  readonly timeMs: number
}

export async function runMicro(bench: MicroBench, { size, timeMs }: RunOptions): Promise<MicroResult[]> {
  const values = Object.fromEntries(Object.entries(bench.parameters).map(([name, of]) => [name, of[size]]))
  const open = await bench.open(values)
  try {
    return await measure(bench, open.subjects, timeMs)
  } finally {
    await open.close?.()
  }
}

async function measure(
  bench: MicroBench,
  subjects: readonly Subject[],
  timeMs: number,
): Promise<MicroResult[]> {
  const timing = new Bench({ time: timeMs, warmupTime: timeMs / 4, iterations: 4, warmupIterations: 2 })
  const hashes = new Map<string, Hash>()
  for (const { name, run } of subjects) {
    const hash = new Hash(run())
    hashes.set(name, hash)
    timing.add(name, () => hash.check(run()), { async: false })
  }
  await timing.run()
  return subjects.map((subject) => {
    const { name, operations } = subject
    const result = timing.getTask(name)?.result
    if (result === undefined || !('latency' in result)) throw new Error(`${bench.name} ${name} did not run`)
    const hash = hashes.get(name) as Hash
    if (!hash.steady) throw new Error(`${bench.name} ${name} gave different results from call to call`)
    const perOperation = (ms: number) => (ms * 1e6) / operations
    const { p50, p99, mean } = result.latency
    return {
      bench: bench.name,
      subject: name,
      unit: bench.unit,
      nanosecondsMedian: perOperation(p50),
      nanosecondsP99: perOperation(p99),
      nanosecondsMean: perOperation(mean),
      heapBytes: heapBytesOf(subject),
      hash: hash.text,
    }
  })
}

const HEAP_RUNS = 15

/** The median of some calls: a collection in one of them, or a table that grew, does not count. */
function heapBytesOf({ run, operations }: Subject): number {
  const grown: number[] = []
  for (let i = 0; i < HEAP_RUNS; i++) {
    const before = process.memoryUsage().heapUsed
    run()
    grown.push(Math.max(0, process.memoryUsage().heapUsed - before) / operations)
  }
  return grown.sort((a, b) => a - b)[HEAP_RUNS >> 1] as number
}

class Hash {
  steady = true

  constructor(private readonly expected: number) {}

  check(value: number): void {
    if (value !== this.expected) this.steady = false
  }

  get text(): string {
    return (this.expected >>> 0).toString(16).padStart(8, '0')
  }
}

/** Joins numbers into 32 bits, order included. */
export function mix(hash: number, value: number): number {
  return Math.imul(hash ^ (value | 0), 0x01000193) ^ (hash >>> 15)
}
