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
 * offsets behind that no marker follows; such a commit is refused. Nothing comes between the last look at that and
 * the commit, so who wants to end a transaction tells it here and lets the present turn go by.
 */
export class Verifications {
  readonly #pending = new Map<number, Set<Verification>>()

  /** Goes on with the error code of `verify`, or with why its answer no longer counts. */
  async run<Reply>(
    { producerId, producerEpoch }: { producerId: number; producerEpoch: number },
    verify: () => Promise<number>,
    then: (code: number) => Reply | Promise<Reply>,
  ): Promise<Reply> {
    const verification: Verification = { producerEpoch, ended: false }
    const ofProducer = this.#pending.get(producerId) ?? new Set()
    this.#pending.set(producerId, ofProducer.add(verification))
    let code: number
    try {
      code = await verify()
    } finally {
      ofProducer.delete(verification)
      if (ofProducer.size === 0) this.#pending.delete(producerId)
    }
    return then(code === ErrorCode.NONE && verification.ended ? ErrorCode.INVALID_TXN_STATE : code)
  }

  /** From version 2 on a marker has the epoch of the producer's next transaction, before that of the ended one. */
  ended({ producerId, producerEpoch, transactionVersion }: EndedTransaction): void {
    const lastEpoch = transactionVersion >= 2 ? producerEpoch - 1 : producerEpoch
    for (const verification of this.#pending.get(producerId) ?? []) {
      if (verification.producerEpoch <= lastEpoch) verification.ended = true
    }
  }
}
