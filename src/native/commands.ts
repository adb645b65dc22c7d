// Writes commands into the shared command area. One record is 64 bytes: op and seven int32, then doubles.

import type { SliceList } from './engine.js'
import { Op, Sizes } from './layout.js'

const INTS = Sizes.commandBytes / 4
const NUMBERS = Sizes.commandBytes / 8
const FIRST_NUMBER = Sizes.commandNumberOffset / 8
const SLICE_INTS = Sizes.sliceBytes / 4
const SLICE_NUMBERS = Sizes.sliceBytes / 8

/** Slices one reply may have: its records must fit the area together. A reply with more is refused. */
export const SLICES_MAX = (Sizes.commandCapacity - 1) * 2

/**
 * The command area. `full` is called when a command does not fit, and must hand over what is there; `first`
 * when a command enters an empty area.
 */
export class CommandArea {
  count = 0
  private readonly ints: Int32Array
  private readonly numbers: Float64Array

  constructor(
    area: ArrayBuffer,
    private readonly full: () => void,
    private readonly first: () => void,
  ) {
    this.ints = new Int32Array(area)
    this.numbers = new Float64Array(area)
  }

  /** A command of integers alone. */
  put(op: number, a: number, b: number, c: number, d: number, e: number, f: number): void {
    this.record(this.reserve(1), op, a, b, c, d, e, f)
  }

  /** A command that also carries three doubles. */
  putWide(
    op: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
    x: number,
    y: number,
    z: number,
  ): void {
    const index = this.reserve(1)
    this.record(index, op, a, b, c, d, e, f)
    const numbers = this.numbers
    const at = index * NUMBERS + FIRST_NUMBER
    numbers[at] = x
    numbers[at + 1] = y
    numbers[at + 2] = z
  }

  /** A reply with its slices behind it. */
  putSend(
    op: number,
    connection: number,
    sequence: number,
    start: number,
    end: number,
    slices: SliceList | null,
  ): void {
    const sliceCount = slices === null ? 0 : slices.count
    if (sliceCount > SLICES_MAX)
      throw new RangeError(`a reply may have ${SLICES_MAX} slices, not ${sliceCount}`)
    const index = this.reserve(1 + ((sliceCount + 1) >> 1))
    this.record(index, op, connection, sequence, start, end, sliceCount, 0)
    if (slices !== null) this.writeSlices(index + 1, slices)
  }

  /** Slices at the start of an empty area, for a reply that is handed over by itself. */
  stageSlices(slices: SliceList | null): number {
    if (slices === null) return 0
    if (slices.count > SLICES_MAX)
      throw new RangeError(`a reply may have ${SLICES_MAX} slices, not ${slices.count}`)
    this.writeSlices(0, slices)
    return slices.count
  }

  /** An append record at the start of an empty area, for bytes that are handed over by themselves. */
  stageAppend(log: number, recordCount: number, ticket: number, x: number, y: number, z: number): void {
    this.putWide(Op.appendCopy, log, 0, 0, 0, recordCount, ticket, x, y, z)
    this.count = 0
  }

  private reserve(records: number): number {
    if (this.count + records > Sizes.commandCapacity) this.full()
    const index = this.count
    this.count = index + records
    if (index === 0) this.first()
    return index
  }

  private record(
    index: number,
    op: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
  ): void {
    const ints = this.ints
    const at = index * INTS
    ints[at] = op
    ints[at + 1] = a
    ints[at + 2] = b
    ints[at + 3] = c
    ints[at + 4] = d
    ints[at + 5] = e
    ints[at + 6] = f
  }

  private writeSlices(record: number, slices: SliceList): void {
    const { ints, numbers } = this
    for (let i = 0; i < slices.count; i++) {
      const intAt = record * INTS + i * SLICE_INTS
      const numberAt = record * NUMBERS + i * SLICE_NUMBERS
      ints[intAt] = slices.at[i] as number
      ints[intAt + 1] = slices.log[i] as number
      numbers[numberAt + 1] = slices.segment[i] as number
      numbers[numberAt + 2] = slices.position[i] as number
      ints[intAt + 6] = slices.length[i] as number
    }
  }
}
