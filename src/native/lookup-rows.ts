// Lookups that cross to the engine together, as both sides write them; the other half is in `native/log_verb.h`.
//
// A row is 64 bytes: int32 log, int32 bytes at most, then the answer's int32 status and int32 length; doubles offset
// and largest offset, then the answer's segment, position and end offset. `Lookup` in `engine.ts` says what each means.

import { type Engine, type Lookup, LookupStatus } from './engine.js'
import { Sizes } from './layout.js'

const INTS = Sizes.lookupBytes / 4
const NUMBERS = Sizes.lookupBytes / 8

/** What the rows of one request may take together; each takes from what those before it left. */
export interface LookupBudget {
  readonly bytesLeft: number
  /** Rows that may still find something. */
  readonly slicesLeft: number
  /** The first batch is found even if it is larger than every limit. */
  readonly atLeastOneBatch: boolean
}

export class LookupRows {
  count = 0
  private readonly ints: Int32Array
  private readonly numbers: Float64Array

  constructor(memory = new ArrayBuffer(Sizes.lookupBytes * Sizes.lookupCapacity)) {
    this.ints = new Int32Array(memory)
    this.numbers = new Float64Array(memory)
  }

  get full(): boolean {
    return this.count === Sizes.lookupCapacity
  }

  /** Returns the row. The caller sees to it that there is room. */
  add(log: number, offset: number, maxOffset: number, maxBytes: number): number {
    const row = this.count++
    this.ints[row * INTS] = log
    this.ints[row * INTS + 1] = maxBytes
    this.numbers[row * NUMBERS + 2] = offset
    this.numbers[row * NUMBERS + 3] = maxOffset
    return row
  }

  log(row: number): number {
    return this.ints[row * INTS] as number
  }

  maxBytes(row: number): number {
    return this.ints[row * INTS + 1] as number
  }

  offset(row: number): number {
    return this.numbers[row * NUMBERS + 2] as number
  }

  maxOffset(row: number): number {
    return this.numbers[row * NUMBERS + 3] as number
  }

  status(row: number): number {
    return this.ints[row * INTS + 2] as number
  }

  /** 0 unless something was found; what follows has no meaning then. */
  length(row: number): number {
    return this.ints[row * INTS + 3] as number
  }

  segment(row: number): number {
    return this.numbers[row * NUMBERS + 4] as number
  }

  position(row: number): number {
    return this.numbers[row * NUMBERS + 5] as number
  }

  endOffset(row: number): number {
    return this.numbers[row * NUMBERS + 6] as number
  }

  /** What an engine that has ended answers. */
  failAll(): void {
    const nothing = { segment: 0, position: 0, length: 0, endOffset: -1 }
    for (let row = 0; row < this.count; row++) this.answer(row, LookupStatus.Failed, nothing)
  }

  /** For engines that are written in script. */
  answer(
    row: number,
    status: number,
    found: { segment: number; position: number; length: number; endOffset: number },
  ) {
    this.ints[row * INTS + 2] = status
    this.ints[row * INTS + 3] = found.length
    this.numbers[row * NUMBERS + 4] = found.segment
    this.numbers[row * NUMBERS + 5] = found.position
    this.numbers[row * NUMBERS + 6] = found.endOffset
  }
}

/** A single lookup by way of the rows. */
export function lookupOne(engine: Pick<Engine, 'lookups' | 'lookupAll'>, query: Lookup): number {
  const rows = engine.lookups
  rows.count = 0
  const row = rows.add(query.log, query.offset, query.maxOffset, query.maxBytes)
  const { maxBytes, atLeastOneBatch } = query
  engine.lookupAll({ bytesLeft: maxBytes, slicesLeft: 1, atLeastOneBatch })
  rows.count = 0
  query.segment = rows.segment(row)
  query.position = rows.position(row)
  query.length = rows.length(row)
  query.endOffset = rows.endOffset(row)
  return rows.status(row)
}
