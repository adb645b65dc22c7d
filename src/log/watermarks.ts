import { assert } from '../base/assert.js'

/** Told when records become readable. `bytes` is what was added; Infinity when the partition ended or moved. */
export interface AdvanceListener {
  advanced(bytes: number): void
}

/**
 * The offsets of one log and everything that waits for them to move.
 *
 *   logStartOffset <= highWatermark = logEndOffset <= nextOffset
 *
 * `nextOffset` is sequenced: the next append gets it. `logEndOffset` is written. With one replica the high
 * watermark is the written end, and without transactions the last stable offset is the high watermark.
 * Between submission and writing a batch is in flight; its byte size waits here, so that listeners can count.
 */
export class Watermarks {
  logStartOffset: number
  logEndOffset: number
  nextOffset: number
  private readonly listeners = new Set<AdvanceListener>()
  private readonly flight = new Flight()
  private readonly waits = new Waits()

  constructor(offsets: { readonly logStartOffset: number; readonly logEndOffset: number }) {
    this.logStartOffset = offsets.logStartOffset
    this.logEndOffset = offsets.logEndOffset
    this.nextOffset = offsets.logEndOffset
  }

  get highWatermark(): number {
    return this.logEndOffset
  }

  get lastStableOffset(): number {
    return this.logEndOffset
  }

  get inFlight(): boolean {
    return this.nextOffset > this.logEndOffset
  }

  listen(listener: AdvanceListener): void {
    this.listeners.add(listener)
  }

  unlisten(listener: AdvanceListener): void {
    this.listeners.delete(listener)
  }

  submitted(batch: { readonly endOffset: number; readonly bytes: number }): void {
    assert(batch.endOffset > this.nextOffset, 'offsets grow with every append')
    this.nextOffset = batch.endOffset
    this.flight.push(batch.endOffset, batch.bytes)
  }

  /** Everything below `endOffset` is written. */
  written(endOffset: number): void {
    if (endOffset <= this.logEndOffset) return
    assert(endOffset <= this.nextOffset, 'no more is written than was submitted')
    this.logEndOffset = endOffset
    const bytes = this.flight.takeUpTo(endOffset)
    this.waits.resolveUpTo(endOffset)
    for (const listener of this.listeners) listener.advanced(bytes)
  }

  /** The log kept nothing past `endOffset`; every wait beyond it is rejected. */
  failed(endOffset: number, error: Error): void {
    this.written(endOffset)
    this.flight.clear()
    this.nextOffset = this.logEndOffset
    this.waits.rejectAll(error)
  }

  /** Resolves once everything below `endOffset` is written. The caller handles the rejection. */
  whenWritten(endOffset: number): Promise<void> {
    if (endOffset <= this.logEndOffset) return Promise.resolve()
    return this.waits.add(endOffset)
  }

  /** Wakes whoever waits for records: nothing more will be added here. */
  interrupt(error: Error): void {
    this.waits.rejectAll(error)
    for (const listener of this.listeners) listener.advanced(Number.POSITIVE_INFINITY)
  }
}

/** End offsets and sizes of batches in flight, oldest first. */
class Flight {
  private ends: number[] = []
  private bytes: number[] = []
  private head = 0

  push(endOffset: number, bytes: number): void {
    this.ends.push(endOffset)
    this.bytes.push(bytes)
  }

  takeUpTo(endOffset: number): number {
    let sum = 0
    const { ends, bytes } = this
    let head = this.head
    for (; head < ends.length && (ends[head] as number) <= endOffset; head++) sum += bytes[head] as number
    this.head = head
    if (head === ends.length) this.clear()
    else if (head > 1024 && head * 2 > ends.length) this.compact()
    return sum
  }

  clear(): void {
    this.ends.length = 0
    this.bytes.length = 0
    this.head = 0
  }

  private compact(): void {
    this.ends = this.ends.slice(this.head)
    this.bytes = this.bytes.slice(this.head)
    this.head = 0
  }
}

interface Wait {
  readonly endOffset: number
  resolve(): void
  reject(error: Error): void
}

/** Promises by end offset, ascending; the newest nearly always belongs at the end. */
class Waits {
  private list: Wait[] = []

  add(endOffset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let at = this.list.length
      while (at > 0 && (this.list[at - 1] as Wait).endOffset > endOffset) at--
      this.list.splice(at, 0, { endOffset, resolve, reject })
    })
  }

  resolveUpTo(endOffset: number): void {
    let count = 0
    while (count < this.list.length && (this.list[count] as Wait).endOffset <= endOffset) count++
    if (count === 0) return
    for (const wait of this.list.splice(0, count)) wait.resolve()
  }

  rejectAll(error: Error): void {
    for (const wait of this.list.splice(0)) wait.reject(error)
  }
}
