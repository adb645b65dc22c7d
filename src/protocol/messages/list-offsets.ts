import { ApiKey } from '../api-key.js'
import { array, type Infer, int8, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * ListOffsets v1-v11.
 *
 *   v2   request gains isolationLevel; response gains throttleTimeMs
 *   v3   the client throttles itself
 *   v4   request gains partitions.currentLeaderEpoch; response gains partitions.leaderEpoch
 *   v5   same as v4
 *   v6   flexible
 *   v7   timestamp -3, the record with the highest timestamp
 *   v8   timestamp -4, the earliest local offset
 *   v9   timestamp -5, the latest tiered offset
 *   v10  request gains timeoutMs
 *   v11  timestamp -6, the earliest offset waiting for upload
 */
export const ListOffsetsRequest = request(
  ApiKey.ListOffsets,
  { valid: [1, 11], flexible: 6 },
  {
    replicaId: int32(),
    isolationLevel: int8({ since: 2 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        currentLeaderEpoch: int32({ since: 4, default: -1 }),
        timestamp: int64(),
      }),
    }),
    timeoutMs: int32({ since: 10 }),
  },
)
export type ListOffsetsRequest = Infer<typeof ListOffsetsRequest>

export const ListOffsetsResponse = response(
  ApiKey.ListOffsets,
  { valid: [1, 11], flexible: 6 },
  {
    throttleTimeMs: int32({ since: 2 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64({ default: -1 }),
        offset: int64({ default: -1 }),
        leaderEpoch: int32({ since: 4, default: -1 }),
      }),
    }),
  },
)
export type ListOffsetsResponse = Infer<typeof ListOffsetsResponse>
