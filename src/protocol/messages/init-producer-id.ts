import { ApiKey } from '../api-key.js'
import { type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * InitProducerId v0-v5.
 *
 *   v1   the client throttles itself
 *   v2   flexible
 *   v3   request gains producerId, producerEpoch
 *   v4   PRODUCER_FENCED may be answered
 *   v5   the client understands TRANSACTION_ABORTABLE
 */
export const InitProducerIdRequest = request(
  ApiKey.InitProducerId,
  { valid: [0, 5], flexible: 2 },
  {
    transactionalId: string({ nullable: true }),
    transactionTimeoutMs: int32(),
    producerId: int64({ since: 3, default: -1 }),
    producerEpoch: int16({ since: 3, default: -1 }),
  },
)
export type InitProducerIdRequest = Infer<typeof InitProducerIdRequest>

export const InitProducerIdResponse = response(
  ApiKey.InitProducerId,
  { valid: [0, 5], flexible: 2 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    producerId: int64({ default: -1 }),
    producerEpoch: int16(),
  },
)
export type InitProducerIdResponse = Infer<typeof InitProducerIdResponse>
