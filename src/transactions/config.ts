/** The values that transactions obey, in the units the names tell. */
export interface TransactionConfig {
  readonly transactionMaxTimeoutMs: number
  readonly transactionalIdExpirationMs: number
  /** transaction.abort.timed.out.transaction.cleanup.interval.ms */
  readonly abortIntervalMs: number
  /** transaction.remove.expired.transaction.cleanup.interval.ms */
  readonly expiryIntervalMs: number
}

/** What `BrokerConfig` offers to read numbers with. */
export interface NumberSource {
  number(name: string): number
}

export function transactionConfigOf(config: NumberSource): TransactionConfig {
  return {
    transactionMaxTimeoutMs: config.number('transaction.max.timeout.ms'),
    transactionalIdExpirationMs: config.number('transactional.id.expiration.ms'),
    abortIntervalMs: config.number('transaction.abort.timed.out.transaction.cleanup.interval.ms'),
    expiryIntervalMs: config.number('transaction.remove.expired.transaction.cleanup.interval.ms'),
  }
}

/** Kafka's defaults. */
export const defaultTransactionConfig: TransactionConfig = {
  transactionMaxTimeoutMs: 900_000,
  transactionalIdExpirationMs: 604_800_000,
  abortIntervalMs: 10_000,
  expiryIntervalMs: 3_600_000,
}
