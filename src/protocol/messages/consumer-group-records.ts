/*
 * Records of the consumer group protocol in __consumer_offsets: group epoch, members, target assignment and
 * what each member holds now. Framed as in group-metadata-records.ts.
 */

import {
  array,
  bits64,
  bytes,
  data,
  type Infer,
  int8,
  int32,
  int64,
  string,
  struct,
  uuid,
} from '../schema.js'

export const ConsumerGroupMetadataKey = data({ key: 3, valid: [0, 0] }, { groupId: string() })
export type ConsumerGroupMetadataKey = Infer<typeof ConsumerGroupMetadataKey>

export const ConsumerGroupMetadataValue = data(
  { key: 3, valid: [0, 0], flexible: 0 },
  { epoch: int32(), metadataHash: bits64({ tag: 0 }) },
)
export type ConsumerGroupMetadataValue = Infer<typeof ConsumerGroupMetadataValue>

export const ConsumerGroupPartitionMetadataKey = data({ key: 4, valid: [0, 0] }, { groupId: string() })
export type ConsumerGroupPartitionMetadataKey = Infer<typeof ConsumerGroupPartitionMetadataKey>

export const ConsumerGroupPartitionMetadataValue = data(
  { key: 4, valid: [0, 0], flexible: 0 },
  {
    topics: array({
      topicId: uuid(),
      topicName: string(),
      numPartitions: int32(),
      partitionMetadata: array({ partition: int32(), racks: array(string()) }),
    }),
  },
)
export type ConsumerGroupPartitionMetadataValue = Infer<typeof ConsumerGroupPartitionMetadataValue>

export const ConsumerGroupMemberMetadataKey = data(
  { key: 5, valid: [0, 0] },
  { groupId: string(), memberId: string() },
)
export type ConsumerGroupMemberMetadataKey = Infer<typeof ConsumerGroupMemberMetadataKey>

export const ConsumerGroupMemberMetadataValue = data(
  { key: 5, valid: [0, 0], flexible: 0 },
  {
    instanceId: string({ nullable: true }),
    rackId: string({ nullable: true }),
    clientId: string(),
    clientHost: string(),
    subscribedTopicNames: array(string()),
    subscribedTopicRegex: string({ nullable: true }),
    rebalanceTimeoutMs: int32({ default: -1 }),
    serverAssignor: string({ nullable: true }),
    // Null, for a member of the new protocol, is not the default and takes a tag on the wire.
    classicMemberMetadata: struct(
      { sessionTimeoutMs: int32(), supportedProtocols: array({ name: string(), metadata: bytes() }) },
      { nullable: true, tag: 0 },
    ),
  },
)
export type ConsumerGroupMemberMetadataValue = Infer<typeof ConsumerGroupMemberMetadataValue>

export const ConsumerGroupTargetAssignmentMetadataKey = data({ key: 6, valid: [0, 0] }, { groupId: string() })
export type ConsumerGroupTargetAssignmentMetadataKey = Infer<typeof ConsumerGroupTargetAssignmentMetadataKey>

export const ConsumerGroupTargetAssignmentMetadataValue = data(
  { key: 6, valid: [0, 0], flexible: 0 },
  { assignmentEpoch: int32(), assignmentTimestamp: int64({ tag: 0 }) },
)
export type ConsumerGroupTargetAssignmentMetadataValue = Infer<
  typeof ConsumerGroupTargetAssignmentMetadataValue
>

export const ConsumerGroupTargetAssignmentMemberKey = data(
  { key: 7, valid: [0, 0] },
  { groupId: string(), memberId: string() },
)
export type ConsumerGroupTargetAssignmentMemberKey = Infer<typeof ConsumerGroupTargetAssignmentMemberKey>

export const ConsumerGroupTargetAssignmentMemberValue = data(
  { key: 7, valid: [0, 0], flexible: 0 },
  { topicPartitions: array({ topicId: uuid(), partitions: array(int32()) }) },
)
export type ConsumerGroupTargetAssignmentMemberValue = Infer<typeof ConsumerGroupTargetAssignmentMemberValue>

export const ConsumerGroupCurrentMemberAssignmentKey = data(
  { key: 8, valid: [0, 0] },
  { groupId: string(), memberId: string() },
)
export type ConsumerGroupCurrentMemberAssignmentKey = Infer<typeof ConsumerGroupCurrentMemberAssignmentKey>

const topicPartitions = {
  topicId: uuid(),
  partitions: array(int32()),
  assignmentEpochs: array(int32(), { nullable: true, tag: 0 }),
}

export const ConsumerGroupCurrentMemberAssignmentValue = data(
  { key: 8, valid: [0, 0], flexible: 0 },
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    assignedPartitions: array(topicPartitions),
    partitionsPendingRevocation: array(topicPartitions),
  },
)
export type ConsumerGroupCurrentMemberAssignmentValue = Infer<
  typeof ConsumerGroupCurrentMemberAssignmentValue
>

export const ConsumerGroupRegularExpressionKey = data(
  { key: 16, valid: [0, 0] },
  { groupId: string(), regularExpression: string() },
)
export type ConsumerGroupRegularExpressionKey = Infer<typeof ConsumerGroupRegularExpressionKey>

export const ConsumerGroupRegularExpressionValue = data(
  { key: 16, valid: [0, 0], flexible: 0 },
  { topics: array(string()), version: int64(), timestamp: int64() },
)
export type ConsumerGroupRegularExpressionValue = Infer<typeof ConsumerGroupRegularExpressionValue>
