import { ApiKey } from '../protocol/api-key.js'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../protocol/messages/describe-transactions.js'
import { describeError } from '../transactions/describe.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'

// DescribeTransactions v0.
export const describeTransactions = (transactions: Pick<TransactionCoordinator, 'describe'>) =>
  api({
    key: ApiKey.DescribeTransactions,
    min: 0,
    max: 0,
    request: DescribeTransactionsRequest,
    response: DescribeTransactionsResponse,
    async handle({ transactionalIds }) {
      const ids = [...new Set(transactionalIds)]
      return { transactionStates: await Promise.all(ids.map((id) => transactions.describe(id))) }
    },
    onError: ({ transactionalIds }, code) => ({
      transactionStates: transactionalIds.map((id) => describeError(id, code)),
    }),
  })
