import { ErrorCode } from '../protocol/errors.js'
import { fence } from './end-transaction.js'
import type { TransactionEffects } from './events.js'
import { CLIENT_EPOCH_MAX, TRANSACTIONAL_IDS_PER_SHARD_MAX } from './limits.js'
import { type InitProducerRequest, NEEDS_PRODUCER_ID, type ProducerReply, producerError } from './requests.js'
import { isPrepared, TransactionStatus } from './status.js'
import type { Transaction } from './transaction.js'
import type { TransactionShard } from './transaction-shard.js'

/**
 * InitProducerId of a transactional id. The new producer gets a higher epoch, which fences whoever had the id. An
 * open transaction is aborted first, and the client asks again until that is done; the epoch of the abort is for the
 * producer itself, if it is the one who asks by the id it has, and for nobody else.
 */
export function initProducer(
  shard: TransactionShard,
  { request, newProducerId }: { request: InitProducerRequest; newProducerId: number },
  effects: TransactionEffects,
): ProducerReply {
  const { transactionalId, expected } = request
  const transaction = shard.transactions.get(transactionalId)
  if (transaction === undefined) return create(shard, request, newProducerId, effects)
  const { value, status } = transaction
  if (expected !== null && !isKnown(transaction, expected)) return producerError(ErrorCode.PRODUCER_FENCED)
  if (isPrepared(status)) return producerError(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (status === TransactionStatus.Ongoing) {
    if (expected !== null && expected.producerEpoch !== value.producerEpoch) {
      return producerError(ErrorCode.PRODUCER_FENCED)
    }
    fence(shard, transaction, { mayGoOn: expected !== null }, effects)
    return producerError(ErrorCode.CONCURRENT_TRANSACTIONS)
  }
  if (value.producerEpoch < CLIENT_EPOCH_MAX) return bump(transaction, request, effects)
  const epochs = [value.producerEpoch, transaction.lastProducerEpoch]
  if (expected !== null && !epochs.includes(expected.producerEpoch)) {
    return producerError(ErrorCode.PRODUCER_FENCED)
  }
  if (newProducerId === -1) return NEEDS_PRODUCER_ID
  const lastEpoch = expected === null ? -1 : expected.producerEpoch
  return begin(transaction, request, { producerId: newProducerId, producerEpoch: 0, lastEpoch }, effects)
}

/** The present id, or the one before with its epochs used up: a retry whose answer was lost. */
function isKnown(
  { value }: Transaction,
  { producerId, producerEpoch }: NonNullable<InitProducerRequest['expected']>,
): boolean {
  if (producerId === value.producerId) return true
  return producerId === value.previousProducerId && producerEpoch >= CLIENT_EPOCH_MAX
}

function create(
  shard: TransactionShard,
  { transactionalId, transactionTimeoutMs }: InitProducerRequest,
  newProducerId: number,
  effects: TransactionEffects,
): ProducerReply {
  if (shard.transactions.size >= TRANSACTIONAL_IDS_PER_SHARD_MAX) {
    return producerError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
  }
  if (newProducerId === -1) return NEEDS_PRODUCER_ID
  effects.append({
    transactionalId,
    value: {
      producerId: newProducerId,
      previousProducerId: -1,
      nextProducerId: -1,
      producerEpoch: 0,
      nextProducerEpoch: -1,
      transactionTimeoutMs,
      transactionStatus: TransactionStatus.Empty,
      transactionPartitions: null,
      transactionLastUpdateTimestampMs: effects.nowMs,
      transactionStartTimestampMs: -1,
      clientTransactionVersion: 0,
    },
  })
  return { errorCode: ErrorCode.NONE, producerId: newProducerId, producerEpoch: 0 }
}

function bump(
  transaction: Transaction,
  request: InitProducerRequest,
  effects: TransactionEffects,
): ProducerReply {
  const { producerId, producerEpoch } = transaction.value
  const expectedEpoch = request.expected?.producerEpoch ?? null
  if (expectedEpoch === null || expectedEpoch === producerEpoch) {
    const lastEpoch = expectedEpoch ?? -1
    return begin(transaction, request, { producerId, producerEpoch: producerEpoch + 1, lastEpoch }, effects)
  }
  if (expectedEpoch !== transaction.lastProducerEpoch) return producerError(ErrorCode.PRODUCER_FENCED)
  // Had another producer come since, the last epoch would be -1.
  return begin(transaction, request, { producerId, producerEpoch, lastEpoch: expectedEpoch }, effects)
}

function begin(
  transaction: Transaction,
  { transactionTimeoutMs }: InitProducerRequest,
  next: { producerId: number; producerEpoch: number; lastEpoch: number },
  effects: TransactionEffects,
): ProducerReply {
  const { producerId, producerEpoch, lastEpoch } = next
  const change = {
    producerId,
    producerEpoch,
    previousProducerId: transaction.value.producerId,
    nextProducerId: -1,
    transactionTimeoutMs,
    transactionPartitions: null,
    transactionStartTimestampMs: -1,
    clientTransactionVersion: 0,
  }
  transaction.become(TransactionStatus.Empty, change, effects)
  transaction.lastProducerEpoch = lastEpoch
  return { errorCode: ErrorCode.NONE, producerId, producerEpoch }
}
