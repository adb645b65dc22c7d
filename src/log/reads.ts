import type { LookupBudget } from '../native/lookup-rows.js'
import type { Partition } from './partition.js'
import { beginRead, endRead, type ReadQuery, type ReadResult } from './read.js'

/** Bytes that the reads of one request may take together. */
export interface ReadBudget extends LookupBudget {
  spend(bytes: number): void
}

/**
 * The reads of one request. What can be told here is told at once, the rest goes to the engine in one crossing: `end`
 * must follow before any result is used. One for all requests, for reads of one are over before the next begins.
 */
export class Reads {
  private budget: ReadBudget | null = null
  private isolation = 0
  /** Of the rows that wait; what lies behind them is left from before. */
  private readonly partitions: Partition[] = []
  private readonly results: ReadResult[] = []
  private count = 0

  begin(budget: ReadBudget, isolation: number): void {
    this.budget = budget
    this.isolation = isolation
    this.count = 0
  }

  /** The query may be used again at once, with the isolation told at the beginning. */
  add(partition: Partition, query: ReadQuery, out: ReadResult): void {
    const bound = beginRead(partition, query, out)
    if (bound < 0) return
    const { lookups } = partition.services.engine
    if (this.count === 0) lookups.count = 0
    else if (lookups.full) this.end()
    lookups.add(partition.log, query.offset, bound, query.maxBytes)
    this.partitions[this.count] = partition
    this.results[this.count] = out
    this.count++
  }

  end(): void {
    const { budget, count, isolation } = this
    const first = this.partitions[0]
    if (count === 0 || budget === null || first === undefined) return
    this.count = 0
    const { engine } = first.services
    const rows = engine.lookups
    engine.lookupAll(budget)
    rows.count = 0
    for (let row = 0; row < count; row++) {
      const out = this.results[row] as ReadResult
      endRead(this.partitions[row] as Partition, rows, row, { out, isolation })
      budget.spend(out.length)
    }
  }
}
