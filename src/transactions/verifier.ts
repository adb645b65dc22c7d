import type { TransactionVerifier, VerificationRequest } from '../log/transaction-verifier.js'
import { EPOCH_BUMP_VERSION } from './end-transaction.js'
import type { TransactionCoordinator } from './transaction-coordinator.js'

/** What partitions ask before they take the first records of a transaction. */
export class CoordinatorVerifier implements TransactionVerifier {
  readonly #coordinator: TransactionCoordinator

  constructor(coordinator: TransactionCoordinator) {
    this.#coordinator = coordinator
  }

  verify({ topic, partition, addImplicitly, ...producer }: VerificationRequest): Promise<number> {
    if (!addImplicitly) return this.#coordinator.verify(producer, { topic, partition })
    return this.#coordinator.addPartitions({
      ...producer,
      topics: [{ topic, partitions: [partition] }],
      transactionVersion: EPOCH_BUMP_VERSION,
      patient: true,
    })
  }
}
