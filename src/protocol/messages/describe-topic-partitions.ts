import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, request, response, string, struct, uuid } from '../schema.js'

/*
 * DescribeTopicPartitions v0, flexible.
 */
export const DescribeTopicPartitionsRequest = request(
  ApiKey.DescribeTopicPartitions,
  { valid: [0, 0], flexible: 0 },
  {
    topics: array({ name: string() }),
    responsePartitionLimit: int32({ default: 2000 }),
    cursor: struct({ topicName: string(), partitionIndex: int32() }, { nullable: true, default: null }),
  },
)
export type DescribeTopicPartitionsRequest = Infer<typeof DescribeTopicPartitionsRequest>

export const DescribeTopicPartitionsResponse = response(
  ApiKey.DescribeTopicPartitions,
  { valid: [0, 0], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    topics: array({
      errorCode: int16(),
      name: string({ nullable: true }),
      topicId: uuid(),
      isInternal: bool(),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ default: -1 }),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        eligibleLeaderReplicas: array(int32(), { nullable: true, default: null }),
        lastKnownElr: array(int32(), { nullable: true, default: null }),
        offlineReplicas: array(int32()),
      }),
      topicAuthorizedOperations: int32({ default: -0x80000000 }),
    }),
    nextCursor: struct({ topicName: string(), partitionIndex: int32() }, { nullable: true, default: null }),
  },
)
export type DescribeTopicPartitionsResponse = Infer<typeof DescribeTopicPartitionsResponse>
