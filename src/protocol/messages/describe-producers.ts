import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * DescribeProducers v0, flexible.
 */
export const DescribeProducersRequest = request(
  ApiKey.DescribeProducers,
  { valid: [0, 0], flexible: 0 },
  { topics: array({ name: string(), partitionIndexes: array(int32()) }) },
)
export type DescribeProducersRequest = Infer<typeof DescribeProducersRequest>

export const DescribeProducersResponse = response(
  ApiKey.DescribeProducers,
  { valid: [0, 0], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: true, default: null }),
        activeProducers: array({
          producerId: int64(),
          producerEpoch: int32(),
          lastSequence: int32({ default: -1 }),
          lastTimestamp: int64({ default: -1 }),
          coordinatorEpoch: int32(),
          currentTxnStartOffset: int64({ default: -1 }),
        }),
      }),
    }),
  },
)
export type DescribeProducersResponse = Infer<typeof DescribeProducersResponse>
