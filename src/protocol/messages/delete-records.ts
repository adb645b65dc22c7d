import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * DeleteRecords v0-v2.
 *
 *   v1   the client throttles itself
 *   v2   flexible
 */
export const DeleteRecordsRequest = request(
  ApiKey.DeleteRecords,
  { valid: [0, 2], flexible: 2 },
  {
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), offset: int64() }) }),
    timeoutMs: int32(),
  },
)
export type DeleteRecordsRequest = Infer<typeof DeleteRecordsRequest>

export const DeleteRecordsResponse = response(
  ApiKey.DeleteRecords,
  { valid: [0, 2], flexible: 2 },
  {
    throttleTimeMs: int32({ default: 0 }),
    topics: array({
      name: string(),
      partitions: array({ partitionIndex: int32(), lowWatermark: int64(), errorCode: int16() }),
    }),
  },
)
export type DeleteRecordsResponse = Infer<typeof DeleteRecordsResponse>
