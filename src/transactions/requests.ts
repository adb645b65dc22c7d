// What clients and partitions ask of the transaction coordinator and what they get.

/** A producer as it stands in a request. */
export interface ProducerIdentity {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

export interface InitProducerRequest {
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  /** The id and epoch the producer had, when it goes on after an error; null at its first start. */
  readonly expected: { readonly producerId: number; readonly producerEpoch: number } | null
}

export interface AddPartitionsRequest extends ProducerIdentity {
  readonly topics: readonly TopicPartitions[]
  readonly transactionVersion: number
  /** Waits a moment for the markers of the transaction before, instead of being told to ask again. */
  readonly patient: boolean
}

export interface EndTransactionRequest extends ProducerIdentity {
  readonly committed: boolean
  readonly transactionVersion: number
}

export interface ProducerReply {
  readonly errorCode: number
  readonly producerId: number
  readonly producerEpoch: number
}

export function producerError(errorCode: number): ProducerReply {
  return { errorCode, producerId: -1, producerEpoch: -1 }
}

/** The transition cannot be made without a new producer id: it is asked for again with one. */
export const NEEDS_PRODUCER_ID: ProducerReply = { errorCode: -1, producerId: -1, producerEpoch: -1 }

export interface DescribedTransaction {
  readonly errorCode: number
  readonly transactionalId: string
  readonly transactionState: string
  readonly transactionTimeoutMs: number
  readonly transactionStartTimeMs: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

export interface ListedTransaction {
  readonly transactionalId: string
  readonly producerId: number
  readonly transactionState: string
}

export interface ListTransactionsFilter {
  readonly states: readonly string[]
  readonly producerIds: readonly number[]
  /** Only transactions that run longer; -1 for all. */
  readonly durationMs: number
}
