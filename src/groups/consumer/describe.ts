import { ErrorCode } from '../../protocol/errors.js'
import { QUOTED_GROUP_ID_MAX } from '../limits.js'
import type { ListedGroup, ListGroupsFilter } from '../requests.js'
import type { ConsumerEnvironment } from './environment.js'
import type { ConsumerGroup } from './group.js'
import type { ConsumerMember } from './member.js'
import { listed, type PartitionEpochs, type TopicPartitions } from './partitions.js'
import type { DescribedConsumerGroup } from './requests.js'
import type { TopicSource } from './topics.js'

/** Numbers of the wire's member types. */
const CLASSIC_MEMBER = 0
const CONSUMER_MEMBER = 1

export function describeConsumerGroup(
  group: ConsumerGroup,
  { topics, assignors }: ConsumerEnvironment,
): DescribedConsumerGroup {
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.targetEpoch,
    assignorName: group.preferredAssignor() ?? assignors[0]?.name ?? '',
    members: [...group.members.values()].map((member) => describeMember(group, member, topics)),
  }
}

/** A group that is unknown, or one of the classic protocol. */
export function noConsumerGroup(
  groupId: string,
  errorCode: number,
  { isClassic = false } = {},
): DescribedConsumerGroup {
  const unknown = errorCode === ErrorCode.GROUP_ID_NOT_FOUND
  const quoted = groupId.slice(0, QUOTED_GROUP_ID_MAX)
  const problem = isClassic ? `Group ${quoted} is not a consumer group.` : `Group ${quoted} not found.`
  return {
    errorCode,
    errorMessage: unknown ? problem : null,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  }
}

export function listConsumerGroups(groups: Iterable<ConsumerGroup>, filter: ListGroupsFilter): ListedGroup[] {
  const states = filter.states.map(normalized)
  const types = filter.types.map(normalized)
  if (types.length > 0 && !types.includes('consumer')) return []
  const rows: ListedGroup[] = []
  for (const { groupId, state } of groups) {
    if (states.length > 0 && !states.includes(normalized(state))) continue
    rows.push({ groupId, protocolType: 'consumer', groupState: state, groupType: 'consumer' })
  }
  return rows
}

function describeMember(group: ConsumerGroup, member: ConsumerMember, topics: TopicSource) {
  const { metadata, memberId, memberEpoch } = member
  return {
    memberId,
    instanceId: metadata.instanceId,
    rackId: metadata.rackId,
    memberEpoch,
    clientId: metadata.clientId,
    clientHost: metadata.clientHost,
    subscribedTopicNames: metadata.subscribedTopicNames,
    subscribedTopicRegex: metadata.subscribedTopicRegex,
    assignment: named(member.current.assigned, topics),
    targetAssignment: named(group.target(memberId), topics),
    memberType: member.usesClassicProtocol ? CLASSIC_MEMBER : CONSUMER_MEMBER,
  }
}

/** A topic that is gone has no name to be told. */
function named(partitions: TopicPartitions | PartitionEpochs, topics: TopicSource) {
  const topicPartitions = listed(partitions).flatMap(({ topicId, partitions: indexes }) => {
    const topicName = topics.byId(topicId)?.name
    return topicName === undefined ? [] : [{ topicId, topicName, partitions: indexes }]
  })
  return { topicPartitions }
}

function normalized(word: string): string {
  return word.trim().toLowerCase()
}
