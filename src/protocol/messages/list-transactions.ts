import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * ListTransactions v0-v2, flexible throughout.
 *
 *   v1   request gains durationFilter
 *   v2   request gains transactionalIdPattern
 */
export const ListTransactionsRequest = request(
  ApiKey.ListTransactions,
  { valid: [0, 2], flexible: 0 },
  {
    stateFilters: array(string()),
    producerIdFilters: array(int64()),
    durationFilter: int64({ since: 1, default: -1 }),
    transactionalIdPattern: string({ since: 2, nullable: true, default: null }),
  },
)
export type ListTransactionsRequest = Infer<typeof ListTransactionsRequest>

export const ListTransactionsResponse = response(
  ApiKey.ListTransactions,
  { valid: [0, 2], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    unknownStateFilters: array(string()),
    transactionStates: array({ transactionalId: string(), producerId: int64(), transactionState: string() }),
  },
)
export type ListTransactionsResponse = Infer<typeof ListTransactionsResponse>
