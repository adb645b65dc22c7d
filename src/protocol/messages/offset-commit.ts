import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, int64, request, response, string, uuid } from '../schema.js'

/*
 * OffsetCommit v2-v10.
 *
 *   v3   response gains throttleTimeMs
 *   v4   the client throttles itself
 *   v5   request loses retentionTimeMs
 *   v6   request gains partitions.committedLeaderEpoch
 *   v7   request gains groupInstanceId
 *   v8   flexible
 *   v9   generation is also the member epoch of the consumer protocol
 *   v10  request gains topics.topicId; request loses topics.name; response gains topics.topicId; response
 *        loses topics.name
 */
export const OffsetCommitRequest = request(
  ApiKey.OffsetCommit,
  { valid: [2, 10], flexible: 8 },
  {
    groupId: string(),
    generationIdOrMemberEpoch: int32({ default: -1 }),
    memberId: string(),
    groupInstanceId: string({ since: 7, nullable: true, default: null }),
    retentionTimeMs: int64({ until: 4, default: -1 }),
    topics: array({
      name: string({ until: 9 }),
      topicId: uuid({ since: 10 }),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ since: 6, default: -1 }),
        committedMetadata: string({ nullable: true }),
      }),
    }),
  },
)
export type OffsetCommitRequest = Infer<typeof OffsetCommitRequest>

export const OffsetCommitResponse = response(
  ApiKey.OffsetCommit,
  { valid: [2, 10], flexible: 8 },
  {
    throttleTimeMs: int32({ since: 3 }),
    topics: array({
      name: string({ until: 9 }),
      topicId: uuid({ since: 10 }),
      partitions: array({ partitionIndex: int32(), errorCode: int16() }),
    }),
  },
)
export type OffsetCommitResponse = Infer<typeof OffsetCommitResponse>
