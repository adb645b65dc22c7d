import { ApiKey } from '../api-key.js'
import {
  array,
  bool,
  type Infer,
  int8,
  int16,
  int32,
  request,
  response,
  string,
  struct,
  uuid,
} from '../schema.js'

/*
 * ConsumerGroupDescribe v0-v1, flexible throughout.
 *
 *   v1   response gains members.memberType
 */
export const ConsumerGroupDescribeRequest = request(
  ApiKey.ConsumerGroupDescribe,
  { valid: [0, 1], flexible: 0 },
  { groupIds: array(string()), includeAuthorizedOperations: bool() },
)
export type ConsumerGroupDescribeRequest = Infer<typeof ConsumerGroupDescribeRequest>

const topicPartitions = { topicId: uuid(), topicName: string(), partitions: array(int32()) }

const assignment = { topicPartitions: array(topicPartitions) }

export const ConsumerGroupDescribeResponse = response(
  ApiKey.ConsumerGroupDescribe,
  { valid: [0, 1], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    groups: array({
      errorCode: int16(),
      errorMessage: string({ nullable: true, default: null }),
      groupId: string(),
      groupState: string(),
      groupEpoch: int32(),
      assignmentEpoch: int32(),
      assignorName: string(),
      members: array({
        memberId: string(),
        instanceId: string({ nullable: true, default: null }),
        rackId: string({ nullable: true, default: null }),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: array(string()),
        subscribedTopicRegex: string({ nullable: true, default: null }),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        memberType: int8({ since: 1, default: -1 }),
      }),
      authorizedOperations: int32({ default: -0x80000000 }),
    }),
  },
)
export type ConsumerGroupDescribeResponse = Infer<typeof ConsumerGroupDescribeResponse>
