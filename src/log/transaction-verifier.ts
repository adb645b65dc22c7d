import { ErrorCode } from '../protocol/errors.js'

export interface VerificationRequest {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly topic: string
  readonly partition: number
  /** The client leaves adding the partition to the broker: add it, where an older client only asks to look. */
  readonly addImplicitly: boolean
}

/**
 * Asks the transaction coordinator, before the first batch of a transaction in a partition, whether that partition
 * belongs to the producer's open transaction. Resolves to an error code and never rejects; while it waits, later
 * batches of that partition wait behind it, so the coordinator bounds the time.
 */
export interface TransactionVerifier {
  verify(request: VerificationRequest): Promise<number>
}

/** For a broker without a transaction coordinator: no transaction is ever open. */
export const refusingVerifier: TransactionVerifier = {
  verify: () => Promise.resolve(ErrorCode.TRANSACTION_ABORTABLE),
}
