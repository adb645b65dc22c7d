import { ErrorCode } from '../../protocol/errors.js'

export interface EndedTransaction {
  readonly producerId: number
  readonly producerEpoch: number
  readonly commit: boolean
  readonly transactionVersion: number
}

interface Verification {
  readonly producerEpoch: number
  ended: boolean
}

/**
 * Commits that wait for the transaction coordinator's word. A transaction that ends in the meantime would leave
 * offsets behind that no marker follows; such a commit is refused.
 */
export class Verifications {
  readonly #pending = new Map<number, Set<Verification>>()

  /** The error code of `verify`, or why its answer no longer counts. */
  async run(
    { producerId, producerEpoch }: { producerId: number; producerEpoch: number },
    verify: () => Promise<number>,
  ): Promise<number> {
    const verification: Verification = { producerEpoch, ended: false }
    const ofProducer = this.#pending.get(producerId) ?? new Set()
    this.#pending.set(producerId, ofProducer.add(verification))
    try {
      const code = await verify()
      return code === ErrorCode.NONE && verification.ended ? ErrorCode.INVALID_TXN_STATE : code
    } finally {
      ofProducer.delete(verification)
      if (ofProducer.size === 0) this.#pending.delete(producerId)
    }
  }

  /** From version 2 on a marker has the epoch of the producer's next transaction, before that of the ended one. */
  ended({ producerId, producerEpoch, transactionVersion }: EndedTransaction): void {
    const lastEpoch = transactionVersion >= 2 ? producerEpoch - 1 : producerEpoch
    for (const verification of this.#pending.get(producerId) ?? []) {
      if (verification.producerEpoch <= lastEpoch) verification.ended = true
    }
  }
}
