import { ErrorCode } from '../protocol/errors.js'
import type { TransactionEffects } from './events.js'
import { CLIENT_EPOCH_MAX } from './limits.js'
import {
  type EndTransactionRequest,
  NEEDS_PRODUCER_ID,
  type ProducerReply,
  producerError,
} from './requests.js'
import { TransactionStatus } from './status.js'
import type { Transaction } from './transaction.js'
import type { TransactionShard } from './transaction-shard.js'

/** From this transaction version on, the end of every transaction raises the producer's epoch. */
export const EPOCH_BUMP_VERSION = 2

/**
 * EndTxn. Answered once the outcome is stored; the markers follow.
 *
 *   Ongoing             ends as asked
 *   Prepare…            CONCURRENT_TRANSACTIONS when it is the same outcome, INVALID_TXN_STATE when not
 *   Complete…           a retry of the same outcome succeeds
 *   Empty, Complete…    version 2 may abort what never began, for the next epoch; all else is INVALID_TXN_STATE
 */
export function endTransaction(
  shard: TransactionShard,
  { request, newProducerId }: { request: EndTransactionRequest; newProducerId: number },
  effects: TransactionEffects,
): ProducerReply {
  const transaction = shard.transactions.get(request.transactionalId)
  if (transaction === undefined) return producerError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  const { value, status } = transaction
  const retry = isRetry(transaction, request)
  if (request.producerId !== value.producerId && !retry) {
    return producerError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  }
  if (request.producerEpoch !== value.producerEpoch && !retry) return producerError(ErrorCode.PRODUCER_FENCED)
  const bumps = request.transactionVersion >= EPOCH_BUMP_VERSION
  const again = retry || !bumps
  switch (status) {
    case TransactionStatus.PrepareCommit:
    case TransactionStatus.PrepareAbort:
      // Not a retry, so of the next transaction, which has to wait for this one's markers.
      return !again || sameOutcome(transaction, request)
        ? producerError(ErrorCode.CONCURRENT_TRANSACTIONS)
        : producerError(ErrorCode.INVALID_TXN_STATE)
    case TransactionStatus.CompleteCommit:
    case TransactionStatus.CompleteAbort:
      if (again && sameOutcome(transaction, request)) return present(transaction)
      if (again || request.committed) return producerError(ErrorCode.INVALID_TXN_STATE)
      break
    case TransactionStatus.Empty:
      if (!bumps || request.committed) return producerError(ErrorCode.INVALID_TXN_STATE)
      break
    default:
  }
  const exhausted = bumps && value.producerEpoch >= CLIENT_EPOCH_MAX
  if (exhausted && newProducerId === -1) return NEEDS_PRODUCER_ID
  return end(shard, transaction, { request, nextProducerId: exhausted ? newProducerId : -1 }, effects)
}

/**
 * Aborts an open transaction in an epoch above its producer's, which can write nothing more. A producer of version 2
 * is given that epoch when it aborts too, as if it had been first; to a new producer of the id it is not given.
 *
 * `mayGoOn`: nobody else came, so the producer is also given it when it names the id it has to InitProducerId.
 */
export function fence(
  shard: TransactionShard,
  transaction: Transaction,
  { mayGoOn }: { readonly mayGoOn: boolean },
  effects: TransactionEffects,
): void {
  const { producerEpoch } = transaction.value
  const change = { producerEpoch: producerEpoch + 1, nextProducerId: -1 }
  transaction.become(TransactionStatus.PrepareAbort, change, effects)
  transaction.lastProducerEpoch = mayGoOn ? producerEpoch : -1
  shard.sendMarkers(transaction, effects)
}

/** Every marker is written. */
export function completeTransaction(transaction: Transaction, effects: TransactionEffects): void {
  const { value, status } = transaction
  const rotates = value.nextProducerId !== -1
  const bumped = value.clientTransactionVersion >= EPOCH_BUMP_VERSION
  const committed = status === TransactionStatus.PrepareCommit
  const change = {
    transactionPartitions: [],
    nextProducerId: -1,
    producerId: rotates ? value.nextProducerId : value.producerId,
    producerEpoch: rotates ? 0 : value.producerEpoch,
    previousProducerId: bumped ? value.producerId : value.previousProducerId,
  }
  transaction.become(
    committed ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort,
    change,
    effects,
  )
}

function end(
  shard: TransactionShard,
  transaction: Transaction,
  { request, nextProducerId }: { request: EndTransactionRequest; nextProducerId: number },
  effects: TransactionEffects,
): ProducerReply {
  const { value } = transaction
  const bumps = request.transactionVersion >= EPOCH_BUMP_VERSION
  const began = transaction.status === TransactionStatus.Ongoing
  const change = {
    producerEpoch: bumps ? value.producerEpoch + 1 : value.producerEpoch,
    nextProducerId,
    clientTransactionVersion: request.transactionVersion,
    ...(began ? {} : { transactionStartTimestampMs: effects.nowMs, transactionPartitions: [] }),
  }
  const status = request.committed ? TransactionStatus.PrepareCommit : TransactionStatus.PrepareAbort
  transaction.become(status, change, effects)
  if (bumps) transaction.lastProducerEpoch = request.producerEpoch
  const reply =
    nextProducerId === -1
      ? present(transaction)
      : { errorCode: ErrorCode.NONE, producerId: nextProducerId, producerEpoch: 0 }
  shard.sendMarkers(transaction, effects)
  return reply
}

/** The same EndTxn again: the epoch, or the id once epochs were used up, was raised by the first one. */
function isRetry(transaction: Transaction, request: EndTransactionRequest): boolean {
  const { value, status } = transaction
  const { producerId, producerEpoch, transactionVersion } = request
  const ended = status !== TransactionStatus.Empty && status !== TransactionStatus.Ongoing
  const version = Math.min(transactionVersion, value.clientTransactionVersion)
  if (!ended || version < EPOCH_BUMP_VERSION) return false
  if (producerId === value.producerId) return producerEpoch + 1 === value.producerEpoch
  return (
    producerId === value.previousProducerId && producerEpoch === CLIENT_EPOCH_MAX && value.producerEpoch === 0
  )
}

function sameOutcome({ status }: Transaction, { committed }: EndTransactionRequest): boolean {
  const commits = status === TransactionStatus.PrepareCommit || status === TransactionStatus.CompleteCommit
  return commits === committed
}

function present({ value: { producerId, producerEpoch } }: Transaction): ProducerReply {
  return { errorCode: ErrorCode.NONE, producerId, producerEpoch }
}
