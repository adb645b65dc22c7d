import { ErrorCode } from '../protocol/errors.js'
import type { AddPartitionsEvent, TransactionEffects } from './events.js'
import { PARKED_MAX, PARKED_MS_MAX, TRANSACTION_PARTITIONS_MAX } from './limits.js'
import type { AddPartitionsRequest, ProducerIdentity, TopicPartitions } from './requests.js'
import { isIdle, isPrepared, TransactionStatus } from './status.js'
import type { Transaction } from './transaction.js'
import type { TransactionShard } from './transaction-shard.js'

/** AddPartitionsToTxn, by a client or by the partition it writes to. Begins the transaction if none is open. */
export function addPartitions(
  shard: TransactionShard,
  event: AddPartitionsEvent,
  effects: TransactionEffects,
): void {
  const { request, wait } = event
  const transaction = shard.transactions.get(request.transactionalId)
  const refusal = refusalOf(transaction, request)
  const concurrent = refusal === ErrorCode.CONCURRENT_TRANSACTIONS
  if (concurrent && request.patient && transaction !== undefined && transaction.parked.length < PARKED_MAX) {
    park(transaction, event, effects)
    return
  }
  const refused = refusal !== ErrorCode.NONE || transaction === undefined
  effects.reply(wait, refused ? refusal : add(transaction, request, effects))
}

/** Why the producer may not add to, or write in, the present transaction; NONE when it may. */
export function refusalOf(transaction: Transaction | undefined, producer: ProducerIdentity): number {
  if (transaction === undefined) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  const { value, status } = transaction
  const { producerId, producerEpoch } = producer
  // The client was told its next id before the markers of the old one were written.
  const isNext = isPrepared(status) && producerId === value.nextProducerId && producerEpoch === 0
  if (isNext) return ErrorCode.CONCURRENT_TRANSACTIONS
  if (producerId !== value.producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  if (producerEpoch !== value.producerEpoch) return ErrorCode.PRODUCER_FENCED
  return isPrepared(status) ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE
}

/** Whether the partition is part of the producer's open transaction. */
export function verifyPartition(
  transaction: Transaction | undefined,
  producer: ProducerIdentity,
  place: { topic: string; partition: number },
): number {
  const refusal = refusalOf(transaction, producer)
  if (refusal !== ErrorCode.NONE) return refusal
  const added = transaction?.has(place.topic, place.partition) ?? false
  return added ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE
}

function add(transaction: Transaction, request: AddPartitionsRequest, effects: TransactionEffects): number {
  const ongoing = transaction.status === TransactionStatus.Ongoing
  if (ongoing && includesAll(transaction, request.topics)) return ErrorCode.NONE
  const partitions = union(transaction, request.topics)
  const count = partitions.reduce((sum, { partitionIds }) => sum + partitionIds.length, 0)
  if (count > TRANSACTION_PARTITIONS_MAX) return ErrorCode.INVALID_REQUEST
  const change = {
    transactionPartitions: partitions,
    clientTransactionVersion: request.transactionVersion,
    ...(isIdle(transaction.status) ? { transactionStartTimestampMs: effects.nowMs } : {}),
  }
  transaction.become(TransactionStatus.Ongoing, change, effects)
  return ErrorCode.NONE
}

function includesAll(transaction: Transaction, topics: readonly TopicPartitions[]): boolean {
  return topics.every(({ topic, partitions }) =>
    partitions.every((partition) => transaction.has(topic, partition)),
  )
}

function union(
  transaction: Transaction,
  topics: readonly TopicPartitions[],
): { topic: string; partitionIds: number[] }[] {
  const merged = new Map(
    [...transaction.partitions].map(([topic, partitions]) => [topic, new Set(partitions)]),
  )
  for (const { topic, partitions } of topics) {
    const present = merged.get(topic) ?? new Set()
    for (const partition of partitions) present.add(partition)
    merged.set(topic, present)
  }
  return [...merged].map(([topic, partitions]) => ({ topic, partitionIds: [...partitions] }))
}

function park(transaction: Transaction, event: AddPartitionsEvent, effects: TransactionEffects): void {
  if (transaction.parked.length === 0) effects.schedule(transaction.parkedTimer, PARKED_MS_MAX)
  transaction.parked.push(event)
}
