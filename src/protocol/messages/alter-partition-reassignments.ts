import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, request, response, string } from '../schema.js'

/** AlterPartitionReassignments v0-v1, flexible. v1 allowReplicationFactorChange. */
export const AlterPartitionReassignmentsRequest = request(
  ApiKey.AlterPartitionReassignments,
  { valid: [0, 1], flexible: 0 },
  {
    timeoutMs: int32({ default: 60_000 }),
    allowReplicationFactorChange: bool({ since: 1, default: true }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        replicas: array(int32(), { nullable: true, default: null }),
      }),
    }),
  },
)
export type AlterPartitionReassignmentsRequest = Infer<typeof AlterPartitionReassignmentsRequest>

export const AlterPartitionReassignmentsResponse = response(
  ApiKey.AlterPartitionReassignments,
  { valid: [0, 1], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    allowReplicationFactorChange: bool({ since: 1, default: true }),
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    responses: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: true }),
      }),
    }),
  },
)
export type AlterPartitionReassignmentsResponse = Infer<typeof AlterPartitionReassignmentsResponse>
