import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * CreatePartitions v0-v3.
 *
 *   v1   the client throttles itself
 *   v2   flexible
 *   v3   THROTTLING_QUOTA_EXCEEDED may be answered
 */
export const CreatePartitionsRequest = request(
  ApiKey.CreatePartitions,
  { valid: [0, 3], flexible: 2 },
  {
    topics: array({
      name: string(),
      count: int32(),
      assignments: array({ brokerIds: array(int32()) }, { nullable: true }),
    }),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
)
export type CreatePartitionsRequest = Infer<typeof CreatePartitionsRequest>

export const CreatePartitionsResponse = response(
  ApiKey.CreatePartitions,
  { valid: [0, 3], flexible: 2 },
  {
    throttleTimeMs: int32({ default: 0 }),
    results: array({
      name: string(),
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null }),
    }),
  },
)
export type CreatePartitionsResponse = Infer<typeof CreatePartitionsResponse>
