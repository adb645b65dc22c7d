import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, int64, request, response, string, uuid } from '../schema.js'

/*
 * OffsetFetch v1-v10.
 *
 *   v2   request topics may be null; response gains errorCode
 *   v3   response gains throttleTimeMs
 *   v4   the client throttles itself
 *   v5   response gains partitions.committedLeaderEpoch
 *   v6   flexible
 *   v7   request gains requireStable
 *   v8   request gains groups; request loses groupId, topics; response gains groups; response loses
 *        topics, errorCode
 *   v9   request gains groups.memberId, groups.memberEpoch
 *   v10  request gains topics.topicId; request loses topics.name; response gains topics.topicId; response
 *        loses topics.name
 */
export const OffsetFetchRequest = request(
  ApiKey.OffsetFetch,
  { valid: [1, 10], flexible: 6 },
  {
    groupId: string({ until: 7 }),
    topics: array({ name: string(), partitionIndexes: array(int32()) }, { until: 7, nullableSince: 2 }),
    groups: array(
      {
        groupId: string(),
        memberId: string({ since: 9, nullable: true, default: null }),
        memberEpoch: int32({ since: 9, default: -1 }),
        topics: array(
          { name: string({ until: 9 }), topicId: uuid({ since: 10 }), partitionIndexes: array(int32()) },
          { nullable: true },
        ),
      },
      { since: 8 },
    ),
    requireStable: bool({ since: 7 }),
  },
)
export type OffsetFetchRequest = Infer<typeof OffsetFetchRequest>

export const OffsetFetchResponse = response(
  ApiKey.OffsetFetch,
  { valid: [1, 10], flexible: 6 },
  {
    throttleTimeMs: int32({ since: 3 }),
    topics: array(
      {
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          committedOffset: int64(),
          committedLeaderEpoch: int32({ since: 5, default: -1 }),
          metadata: string({ nullable: true }),
          errorCode: int16(),
        }),
      },
      { until: 7 },
    ),
    errorCode: int16({ since: 2, until: 7 }),
    groups: array(
      {
        groupId: string(),
        topics: array({
          name: string({ until: 9 }),
          topicId: uuid({ since: 10 }),
          partitions: array({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32({ default: -1 }),
            metadata: string({ nullable: true }),
            errorCode: int16(),
          }),
        }),
        errorCode: int16(),
      },
      { since: 8 },
    ),
  },
)
export type OffsetFetchResponse = Infer<typeof OffsetFetchResponse>
