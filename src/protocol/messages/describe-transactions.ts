import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * DescribeTransactions v0, flexible.
 */
export const DescribeTransactionsRequest = request(
  ApiKey.DescribeTransactions,
  { valid: [0, 0], flexible: 0 },
  { transactionalIds: array(string()) },
)
export type DescribeTransactionsRequest = Infer<typeof DescribeTransactionsRequest>

export const DescribeTransactionsResponse = response(
  ApiKey.DescribeTransactions,
  { valid: [0, 0], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    transactionStates: array({
      errorCode: int16(),
      transactionalId: string(),
      transactionState: string(),
      transactionTimeoutMs: int32(),
      transactionStartTimeMs: int64(),
      producerId: int64(),
      producerEpoch: int16(),
      topics: array({ topic: string(), partitions: array(int32()) }),
    }),
  },
)
export type DescribeTransactionsResponse = Infer<typeof DescribeTransactionsResponse>
