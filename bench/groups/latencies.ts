/** Latencies of one run, in milliseconds. */
export class Latencies {
  readonly #values: number[] = []

  add(ms: number): void {
    this.#values.push(ms)
  }

  get count(): number {
    return this.#values.length
  }

  figures(): { p50Ms: number; p99Ms: number; p999Ms: number; maxMs: number } {
    const sorted = Float64Array.from(this.#values).sort()
    const at = (share: number) =>
      rounded(sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? 0)
    return { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) }
  }
}

export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
