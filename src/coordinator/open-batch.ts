import { BatchWriter } from './batch-writer.js'
import { BATCH_BYTES_MAX } from './limits.js'
import type { RecordEncoder } from './record-encoder.js'
import type { TransactionalProducer } from './state-machine.js'
import type { Failable, Wait } from './wait.js'

interface Held extends Failable {
  release(): void
}

/** Records that will be appended together, and the replies that must not leave before they are written. */
export class OpenBatch {
  written = false
  readonly #writer = new BatchWriter()
  #held: Held[] = []
  /** Set once the batch took too long: nobody waits for it any more. */
  #givenUp: number | null = null
  readonly #producer: TransactionalProducer | null

  constructor(producer: TransactionalProducer | null) {
    this.#producer = producer
  }

  isOf(producer: TransactionalProducer | null): boolean {
    return this.#producer?.id === producer?.id && this.#producer?.epoch === producer?.epoch
  }

  get bytes(): number {
    return this.#writer.bytes
  }

  /** False when the batch would grow past its limit; a first record always fits. */
  fits(record: RecordEncoder): boolean {
    return this.#writer.count === 0 || this.#writer.bytes + record.recordBytesMax <= BATCH_BYTES_MAX
  }

  add(record: RecordEncoder, timestamp: number): void {
    this.#writer.add(record, timestamp)
  }

  finish(): Buffer {
    return this.#writer.finish(this.#producer)
  }

  hold<Reply>(wait: Wait<Reply>, reply: Reply): void {
    if (this.#givenUp !== null) wait.fail(this.#givenUp)
    else this.#held.push(new HeldReply(wait, reply))
  }

  /** The records may still be written; only the replies are not held back for them longer. */
  giveUp(code: number): void {
    this.#givenUp = code
    this.fail(code)
  }

  release(): void {
    for (const held of this.#takeHeld()) held.release()
  }

  fail(code: number): void {
    for (const held of this.#takeHeld()) held.fail(code)
  }

  #takeHeld(): Held[] {
    const held = this.#held
    this.#held = []
    return held
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
