import { ErrorCode } from '../../protocol/errors.js'
import { removeGroup } from '../classic/delete.js'
import type { Group } from '../classic/group.js'
import type { Member } from '../classic/member.js'
import { completeJoinWait, completeSyncWait } from '../classic/members.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { joinError, syncError } from '../requests.js'
import { assignmentOf, subscriptionOf } from './embedded.js'
import type { ConsumerEntry } from './entries.js'
import { MemberState } from './member.js'
import { currentEntry, epochEntry, memberEntry, targetEntry, targetEpochEntry } from './records.js'
import type { TopicSource } from './topics.js'
import { resumeMembers } from './transitions.js'

/**
 * The records of a consumer group with the members, generation and assignments of a classic one; null when its
 * members do not speak the consumer protocol. Who was waiting for a rebalance finds itself in a new one.
 */
export function upgradedEntries(group: Group, topics: TopicSource): ConsumerEntry[] | null {
  if (!group.isConsumerGroup) return null
  const { groupId, generationId } = group
  const members: ConsumerEntry[] = []
  const assignments: ConsumerEntry[] = []
  const taken = new Set<string>()
  for (const member of group.members.values()) {
    const { memberId } = member
    const entry = classicMemberEntry(groupId, member, topics)
    if (entry === null) return null
    members.push(entry)
    const assigned = new Map<string, Map<number, number>>()
    for (const [topicId, indexes] of assignmentOf(member.assignment, topics)) {
      // Clients made the assignment; two of them may have been given the same.
      const free = [...indexes].filter((index) => !taken.has(`${topicId} ${index}`))
      for (const index of free) taken.add(`${topicId} ${index}`)
      if (free.length > 0) assigned.set(topicId, new Map(free.map((index) => [index, generationId])))
    }
    const target = new Map([...assigned].map(([topicId, indexes]) => [topicId, new Set(indexes.keys())]))
    const epochs = { memberEpoch: generationId, previousMemberEpoch: generationId, state: MemberState.Stable }
    assignments.push(targetEntry(groupId, memberId, target))
    assignments.push(currentEntry(groupId, memberId, { ...epochs, assigned, pendingRevocation: new Map() }))
  }
  const target = targetEpochEntry(groupId, generationId, 0)
  return [...members, epochEntry(groupId, generationId, 0n), ...assignments, target]
}

export function upgrade(
  shard: GroupShard,
  group: Group,
  entries: readonly ConsumerEntry[],
  effects: GroupEffects,
): void {
  for (const member of group.members.values()) {
    completeJoinWait(group, member, joinError(ErrorCode.REBALANCE_IN_PROGRESS, member.memberId), effects)
    completeSyncWait(member, syncError(ErrorCode.REBALANCE_IN_PROGRESS), effects)
  }
  removeGroup(group, effects)
  for (const entry of entries) effects.append(entry)
  resumeMembers(shard, shard.consumerGroup(group.groupId), effects)
  shard.notice('classic group becomes a consumer group', { group: group.groupId })
}

function classicMemberEntry(groupId: string, member: Member, topics: TopicSource): ConsumerEntry | null {
  const [first] = member.protocols
  const subscription = first === undefined ? null : subscriptionOf(first.metadata, topics)
  if (subscription === null) return null
  const { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs } = member
  return memberEntry(groupId, memberId, {
    instanceId: groupInstanceId,
    rackId: subscription.rackId,
    clientId,
    clientHost,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
    subscribedTopicRegex: null,
    rebalanceTimeoutMs,
    serverAssignor: null,
    classicMemberMetadata: {
      sessionTimeoutMs,
      supportedProtocols: member.protocols.map(({ name, metadata }) => ({ name, metadata })),
    },
  })
}
