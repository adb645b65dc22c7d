import { ApiKey } from '../api-key.js'
import { type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * AddOffsetsToTxn v0-v4.
 *
 *   v1   the client throttles itself
 *   v2   PRODUCER_FENCED may be answered
 *   v3   flexible
 *   v4   the client understands TRANSACTION_ABORTABLE
 */
export const AddOffsetsToTxnRequest = request(
  ApiKey.AddOffsetsToTxn,
  { valid: [0, 4], flexible: 3 },
  { transactionalId: string(), producerId: int64(), producerEpoch: int16(), groupId: string() },
)
export type AddOffsetsToTxnRequest = Infer<typeof AddOffsetsToTxnRequest>

export const AddOffsetsToTxnResponse = response(
  ApiKey.AddOffsetsToTxn,
  { valid: [0, 4], flexible: 3 },
  { throttleTimeMs: int32({ default: 0 }), errorCode: int16() },
)
export type AddOffsetsToTxnResponse = Infer<typeof AddOffsetsToTxnResponse>
