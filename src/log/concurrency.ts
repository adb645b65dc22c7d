/** Runs `work` over all items, at most `limit` at once. The first rejection is passed on after all are settled. */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const failures: unknown[] = []
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  if (failures.length > 0) throw failures[0]
}

/**
 * Lets at most `limit` pieces of work run, asked anew for each; the others wait their turn in the order they came.
 */
export class Gate {
  private running = 0
  private readonly waiting: (() => void)[] = []

  constructor(private readonly limit: () => number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.limit()) await new Promise<void>((resolve) => this.waiting.push(resolve))
    else this.running++
    try {
      return await work()
    } finally {
      this.running--
      while (this.waiting.length > 0 && this.running < this.limit()) {
        this.running++
        this.waiting.shift()?.()
      }
    }
  }
}
