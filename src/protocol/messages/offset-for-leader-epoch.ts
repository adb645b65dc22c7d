import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * OffsetForLeaderEpoch v0-v4.
 *
 *   v1   response gains partitions.leaderEpoch
 *   v2   request gains partitions.currentLeaderEpoch; response gains throttleTimeMs
 *   v3   request gains replicaId
 *   v4   flexible
 */
export const OffsetForLeaderEpochRequest = request(
  ApiKey.OffsetForLeaderEpoch,
  { valid: [0, 4], flexible: 4 },
  {
    replicaId: int32({ since: 3, default: -2 }),
    topics: array({
      topic: string(),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ since: 2, default: -1 }),
        leaderEpoch: int32(),
      }),
    }),
  },
)
export type OffsetForLeaderEpochRequest = Infer<typeof OffsetForLeaderEpochRequest>

export const OffsetForLeaderEpochResponse = response(
  ApiKey.OffsetForLeaderEpoch,
  { valid: [0, 4], flexible: 4 },
  {
    throttleTimeMs: int32({ since: 2 }),
    topics: array({
      topic: string(),
      partitions: array({
        errorCode: int16(),
        partition: int32(),
        leaderEpoch: int32({ since: 1, default: -1 }),
        endOffset: int64({ default: -1 }),
      }),
    }),
  },
)
export type OffsetForLeaderEpochResponse = Infer<typeof OffsetForLeaderEpochResponse>
