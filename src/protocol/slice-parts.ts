/** A place in a segment file, in the engine's words. */
export interface FileRange {
  readonly log: number
  readonly segment: number
  readonly position: number
}

const CAPACITY_MIN = 64

/**
 * The file ranges that belong into one message, as the engine takes them: parallel arrays, so that a reply of many
 * makes no objects. `at` counts from the start of the message: the range goes between the bytes before and after it.
 */
export class SliceParts {
  count = 0
  at = new Int32Array(CAPACITY_MIN)
  log = new Int32Array(CAPACITY_MIN)
  segment = new Float64Array(CAPACITY_MIN)
  position = new Float64Array(CAPACITY_MIN)
  length = new Int32Array(CAPACITY_MIN)

  add(at: number, log: number, segment: number, position: number, length: number): void {
    if (this.count === this.at.length) this.grow()
    const i = this.count++
    this.at[i] = at
    this.log[i] = log
    this.segment[i] = segment
    this.position[i] = position
    this.length[i] = length
  }

  private grow(): void {
    this.at = twiceAsLong(this.at, Int32Array)
    this.log = twiceAsLong(this.log, Int32Array)
    this.segment = twiceAsLong(this.segment, Float64Array)
    this.position = twiceAsLong(this.position, Float64Array)
    this.length = twiceAsLong(this.length, Int32Array)
  }
}

function twiceAsLong<T extends Int32Array | Float64Array>(column: T, type: new (length: number) => T): T {
  const longer = new type(column.length * 2)
  longer.set(column)
  return longer
}
