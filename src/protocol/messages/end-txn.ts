import { ApiKey } from '../api-key.js'
import { bool, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * EndTxn v0-v5.
 *
 *   v1   the client throttles itself
 *   v2   PRODUCER_FENCED may be answered
 *   v3   flexible
 *   v4   the client understands TRANSACTION_ABORTABLE
 *   v5   response gains producerId, producerEpoch
 */
export const EndTxnRequest = request(
  ApiKey.EndTxn,
  { valid: [0, 5], flexible: 3 },
  { transactionalId: string(), producerId: int64(), producerEpoch: int16(), committed: bool() },
)
export type EndTxnRequest = Infer<typeof EndTxnRequest>

export const EndTxnResponse = response(
  ApiKey.EndTxn,
  { valid: [0, 5], flexible: 3 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    producerId: int64({ since: 5, default: -1 }),
    producerEpoch: int16({ since: 5, default: -1 }),
  },
)
export type EndTxnResponse = Infer<typeof EndTxnResponse>
