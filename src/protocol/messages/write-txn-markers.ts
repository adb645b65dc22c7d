import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int8, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * WriteTxnMarkers v1-v2, flexible throughout.
 *
 *   v2   request gains markers.transactionVersion
 */
export const WriteTxnMarkersRequest = request(
  ApiKey.WriteTxnMarkers,
  { valid: [1, 2], flexible: 1 },
  {
    markers: array({
      producerId: int64(),
      producerEpoch: int16(),
      transactionResult: bool(),
      topics: array({ name: string(), partitionIndexes: array(int32()) }),
      coordinatorEpoch: int32(),
      transactionVersion: int8({ since: 2 }),
    }),
  },
)
export type WriteTxnMarkersRequest = Infer<typeof WriteTxnMarkersRequest>

export const WriteTxnMarkersResponse = response(
  ApiKey.WriteTxnMarkers,
  { valid: [1, 2], flexible: 1 },
  {
    markers: array({
      producerId: int64(),
      topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
    }),
  },
)
export type WriteTxnMarkersResponse = Infer<typeof WriteTxnMarkersResponse>
