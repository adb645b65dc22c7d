import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * TxnOffsetCommit v0-v5.
 *
 *   v1   the client throttles itself
 *   v2   request gains partitions.committedLeaderEpoch
 *   v3   flexible; request gains generationId, memberId, groupInstanceId
 *   v4   the client understands TRANSACTION_ABORTABLE
 *   v5   the group joins the transaction implicitly
 */
export const TxnOffsetCommitRequest = request(
  ApiKey.TxnOffsetCommit,
  { valid: [0, 5], flexible: 3 },
  {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32({ since: 3, default: -1 }),
    memberId: string({ since: 3 }),
    groupInstanceId: string({ since: 3, nullable: true, default: null }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ since: 2, default: -1 }),
        committedMetadata: string({ nullable: true }),
      }),
    }),
  },
)
export type TxnOffsetCommitRequest = Infer<typeof TxnOffsetCommitRequest>

export const TxnOffsetCommitResponse = response(
  ApiKey.TxnOffsetCommit,
  { valid: [0, 5], flexible: 3 },
  {
    throttleTimeMs: int32({ default: 0 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
)
export type TxnOffsetCommitResponse = Infer<typeof TxnOffsetCommitResponse>
