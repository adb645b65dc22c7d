import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * OffsetDelete v0, never flexible.
 */
export const OffsetDeleteRequest = request(
  ApiKey.OffsetDelete,
  { valid: [0, 0] },
  { groupId: string(), topics: array({ name: string(), partitions: array({ partitionIndex: int32() }) }) },
)
export type OffsetDeleteRequest = Infer<typeof OffsetDeleteRequest>

export const OffsetDeleteResponse = response(
  ApiKey.OffsetDelete,
  { valid: [0, 0] },
  {
    errorCode: int16(),
    throttleTimeMs: int32({ default: 0 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
)
export type OffsetDeleteResponse = Infer<typeof OffsetDeleteResponse>
