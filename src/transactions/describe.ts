import { ErrorCode } from '../protocol/errors.js'
import type { DescribedTransaction, ListedTransaction, ListTransactionsFilter } from './requests.js'
import { statusName } from './status.js'
import type { Transaction } from './transaction.js'

export function describeTransaction(transaction: Transaction): DescribedTransaction {
  const { transactionalId, value, status, partitions } = transaction
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: statusName(status),
    transactionTimeoutMs: value.transactionTimeoutMs,
    transactionStartTimeMs: value.transactionStartTimestampMs,
    producerId: value.producerId,
    producerEpoch: value.producerEpoch,
    topics: [...partitions].map(([topic, indexes]) => ({ topic, partitions: [...indexes] })),
  }
}

export function describeError(transactionalId: string, errorCode: number): DescribedTransaction {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  }
}

export function listTransactions(
  transactions: Iterable<Transaction>,
  { states, producerIds, durationMs }: ListTransactionsFilter,
  nowMs: number,
): ListedTransaction[] {
  const listed: ListedTransaction[] = []
  const wantedStates = new Set(states)
  const wantedIds = new Set(producerIds)
  for (const { transactionalId, value, status } of transactions) {
    const transactionState = statusName(status)
    const { producerId, transactionStartTimestampMs } = value
    if (wantedStates.size > 0 && !wantedStates.has(transactionState)) continue
    if (wantedIds.size > 0 && !wantedIds.has(producerId)) continue
    if (durationMs >= 0 && nowMs - transactionStartTimestampMs <= durationMs) continue
    listed.push({ transactionalId, producerId, transactionState })
  }
  return listed
}
