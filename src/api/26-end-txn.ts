import { ApiKey } from '../protocol/api-key.js'
import { EndTxnRequest, EndTxnResponse } from '../protocol/messages/end-txn.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'
import { clientError } from './transaction-errors.js'

const known = { fencedSince: 2, abortableSince: 4 }

/*
 * EndTxn v0-v5. v2 PRODUCER_FENCED; v3 flexible; v4 TRANSACTION_ABORTABLE; v5 the producer goes on with the id and
 * epoch of the answer (transaction version 2).
 */
export const endTxn = (transactions: Pick<TransactionCoordinator, 'endTransaction'>) =>
  api({
    key: ApiKey.EndTxn,
    min: 0,
    max: 5,
    request: EndTxnRequest,
    response: EndTxnResponse,
    async handle(request, { apiVersion }) {
      const transactionVersion = apiVersion >= 5 ? 2 : 0
      const reply = await transactions.endTransaction({ ...request, transactionVersion })
      return { ...reply, errorCode: clientError(reply.errorCode, apiVersion, known) }
    },
    onError: (_request, errorCode) => ({ errorCode }),
  })
