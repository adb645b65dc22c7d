import { buildBatch, type RecordInput } from '../protocol/records/batch-builder.js'
import { BATCH_BYTES_MAX, RECORD_OVERHEAD_BYTES_MAX } from './limits.js'
import type { EncodedRecord } from './state-machine.js'
import type { Failable, Wait } from './wait.js'

interface Held extends Failable {
  release(): void
}

/** Records that will be appended together, and the replies that must not leave before they are written. */
export class OpenBatch {
  bytes = 0
  written = false
  readonly #records: RecordInput[] = []
  readonly #held: Held[] = []

  /** False when the batch would grow past its limit; a first record always fits. */
  fits(record: EncodedRecord): boolean {
    return this.#records.length === 0 || this.bytes + sizeOf(record) <= BATCH_BYTES_MAX
  }

  add(record: EncodedRecord, timestamp: number): void {
    this.bytes += sizeOf(record)
    this.#records.push({ ...record, timestamp })
  }

  build(): Buffer {
    return buildBatch(this.#records)
  }

  hold<Reply>(wait: Wait<Reply>, reply: Reply): void {
    this.#held.push(new HeldReply(wait, reply))
  }

  release(): void {
    for (const held of this.#held) held.release()
  }

  fail(code: number): void {
    for (const held of this.#held) held.fail(code)
  }
}

class HeldReply<Reply> implements Held {
  readonly #wait: Wait<Reply>
  readonly #reply: Reply

  constructor(wait: Wait<Reply>, reply: Reply) {
    this.#wait = wait
    this.#reply = reply
  }

  release(): void {
    this.#wait.complete(this.#reply)
  }

  fail(code: number): void {
    this.#wait.fail(code)
  }
}

/** An upper bound of what the record takes in a batch. */
export function sizeOf(record: EncodedRecord): number {
  return record.key.length + (record.value?.length ?? 0) + RECORD_OVERHEAD_BYTES_MAX
}
