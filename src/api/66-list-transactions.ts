import { ApiKey } from '../protocol/api-key.js'
import { ListTransactionsRequest, ListTransactionsResponse } from '../protocol/messages/list-transactions.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'

// ListTransactions v0-v1. v1 a minimum duration.
export const listTransactions = (transactions: Pick<TransactionCoordinator, 'list'>) =>
  api({
    key: ApiKey.ListTransactions,
    min: 0,
    max: 1,
    request: ListTransactionsRequest,
    response: ListTransactionsResponse,
    async handle({ stateFilters, producerIdFilters, durationFilter }) {
      const filter = { states: stateFilters, producerIds: producerIdFilters, durationMs: durationFilter }
      const { errorCode, transactions: transactionStates, unknownStates } = await transactions.list(filter)
      return { errorCode, unknownStateFilters: unknownStates, transactionStates }
    },
    onError: (_request, errorCode) => ({ errorCode, unknownStateFilters: [], transactionStates: [] }),
  })
