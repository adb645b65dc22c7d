/*
 * Records of __transaction_state. A record key is int16 record type and the key's fields, a record value int16
 * version and the value's fields.
 */

import { array, data, type Infer, int8, int16, int32, int64, string } from '../schema.js'

export const TransactionLogKey = data({ key: 0, valid: [0, 0] }, { transactionalId: string() })
export type TransactionLogKey = Infer<typeof TransactionLogKey>

/*
 *   v1   flexible; gains previousProducerId, nextProducerId, nextProducerEpoch,
 *        clientTransactionVersion
 */
export const TransactionLogValue = data(
  { key: 0, valid: [0, 1], flexible: 1 },
  {
    producerId: int64(),
    previousProducerId: int64({ since: 1, default: -1, tag: 0 }),
    nextProducerId: int64({ since: 1, default: -1, tag: 1 }),
    producerEpoch: int16(),
    nextProducerEpoch: int16({ since: 1, default: -1, tag: 3 }),
    transactionTimeoutMs: int32(),
    transactionStatus: int8(),
    transactionPartitions: array({ topic: string(), partitionIds: array(int32()) }, { nullable: true }),
    transactionLastUpdateTimestampMs: int64(),
    transactionStartTimestampMs: int64(),
    clientTransactionVersion: int16({ since: 1, tag: 2 }),
  },
)
export type TransactionLogValue = Infer<typeof TransactionLogValue>
