import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, request, response, string, struct, uuid } from '../schema.js'

/*
 * ConsumerGroupHeartbeat v0-v1, flexible throughout.
 *
 *   v1   request gains subscribedTopicRegex
 */
export const ConsumerGroupHeartbeatRequest = request(
  ApiKey.ConsumerGroupHeartbeat,
  { valid: [0, 1], flexible: 0 },
  {
    groupId: string(),
    memberId: string(),
    memberEpoch: int32(),
    instanceId: string({ nullable: true, default: null }),
    rackId: string({ nullable: true, default: null }),
    rebalanceTimeoutMs: int32({ default: -1 }),
    subscribedTopicNames: array(string(), { nullable: true, default: null }),
    subscribedTopicRegex: string({ since: 1, nullable: true, default: null }),
    serverAssignor: string({ nullable: true, default: null }),
    topicPartitions: array(
      { topicId: uuid(), partitions: array(int32()) },
      { nullable: true, default: null },
    ),
  },
)
export type ConsumerGroupHeartbeatRequest = Infer<typeof ConsumerGroupHeartbeatRequest>

const topicPartitions = { topicId: uuid(), partitions: array(int32()) }

export const ConsumerGroupHeartbeatResponse = response(
  ApiKey.ConsumerGroupHeartbeat,
  { valid: [0, 1], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null }),
    memberId: string({ nullable: true, default: null }),
    memberEpoch: int32(),
    heartbeatIntervalMs: int32(),
    assignment: struct({ topicPartitions: array(topicPartitions) }, { nullable: true, default: null }),
  },
)
export type ConsumerGroupHeartbeatResponse = Infer<typeof ConsumerGroupHeartbeatResponse>
