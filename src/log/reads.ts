import type { LookupBudget } from '../native/lookup-rows.js'
import type { Partition } from './partition.js'
import { beginRead, endRead } from './read.js'
import { ReadRows } from './read-rows.js'

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
  private rows: ReadRows = new ReadRows(1)
  private isolation = 0
  /** Of the lookups that wait; what lies behind them is left from before. */
  private readonly partitions: Partition[] = []
  private readonly waiting: number[] = []
  private count = 0

  begin(rows: ReadRows, budget: ReadBudget, isolation: number): void {
    this.rows = rows
    this.budget = budget
    this.isolation = isolation
    this.count = 0
  }

  /** What the row asks for is not to change before `end`. */
  add(partition: Partition, row: number): void {
    const { rows } = this
    const bound = beginRead(partition, rows, row, this.isolation)
    if (bound < 0) return
    const { lookups } = partition.services.engine
    if (this.count === 0) lookups.count = 0
    else if (lookups.full) this.end()
    lookups.add(partition.log, rows.offset(row), bound, rows.maxBytes(row))
    this.partitions[this.count] = partition
    this.waiting[this.count] = row
    this.count++
  }

  end(): void {
    const { budget, count, rows, isolation } = this
    const first = this.partitions[0]
    if (count === 0 || budget === null || first === undefined) return
    this.count = 0
    const { engine } = first.services
    const { lookups } = engine
    engine.lookupAll(budget)
    lookups.count = 0
    const answered = { lookups, lookup: 0, isolation }
    for (let lookup = 0; lookup < count; lookup++) {
      const row = this.waiting[lookup] as number
      answered.lookup = lookup
      endRead(this.partitions[lookup] as Partition, rows, row, answered)
      budget.spend(rows.length(row))
    }
  }
}
