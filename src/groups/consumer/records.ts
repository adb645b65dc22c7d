// The records of a consumer group as transitions write them.

import type { ConsumerEntry } from './entries.js'
import type { ConsumerGroup } from './group.js'
import type { CurrentAssignment, MemberMetadata } from './member.js'
import { listed, type PartitionEpochs, type TopicPartitions } from './partitions.js'

export function epochEntry(groupId: string, epoch: number, metadataHash: bigint): ConsumerEntry {
  return { type: 'consumer-epoch', key: { groupId }, value: { epoch, metadataHash } }
}

export function memberEntry(groupId: string, memberId: string, value: MemberMetadata): ConsumerEntry {
  return { type: 'consumer-member', key: { groupId, memberId }, value }
}

export function targetEpochEntry(groupId: string, epoch: number, timestampMs: number): ConsumerEntry {
  return {
    type: 'consumer-target-epoch',
    key: { groupId },
    value: { assignmentEpoch: epoch, assignmentTimestamp: timestampMs },
  }
}

export function targetEntry(groupId: string, memberId: string, target: TopicPartitions): ConsumerEntry {
  return { type: 'consumer-target', key: { groupId, memberId }, value: { topicPartitions: listed(target) } }
}

export function currentEntry(groupId: string, memberId: string, current: CurrentAssignment): ConsumerEntry {
  const { memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = current
  return {
    type: 'consumer-current',
    key: { groupId, memberId },
    value: {
      memberEpoch,
      previousMemberEpoch,
      state,
      assignedPartitions: withEpochs(assigned),
      partitionsPendingRevocation: withEpochs(pendingRevocation),
    },
  }
}

/** What takes a member out, in the order Kafka writes it. */
export function memberTombstones(groupId: string, memberId: string): ConsumerEntry[] {
  const key = { groupId, memberId }
  return [
    { type: 'consumer-current', key, value: null },
    { type: 'consumer-target', key, value: null },
    { type: 'consumer-member', key, value: null },
  ]
}

/** Everything that is stored of a group, taken back; its own record comes last. */
export function groupTombstones(group: ConsumerGroup): ConsumerEntry[] {
  const { groupId } = group
  const key = { groupId }
  const entries = [...group.members.keys()].flatMap((memberId) => memberTombstones(groupId, memberId))
  for (const memberId of group.targetMembers()) {
    if (group.members.has(memberId)) continue
    entries.push({ type: 'consumer-target', key: { groupId, memberId }, value: null })
  }
  entries.push({ type: 'consumer-target-epoch', key, value: null })
  for (const regularExpression of group.regexes.keys()) {
    entries.push({ type: 'consumer-regex', key: { groupId, regularExpression }, value: null })
  }
  if (group.hasPartitionMetadata) entries.push({ type: 'consumer-partitions', key, value: null })
  entries.push({ type: 'consumer-epoch', key, value: null })
  return entries
}

function withEpochs(partitions: PartitionEpochs) {
  return listed(partitions).map(({ topicId, partitions: indexes }) => ({
    topicId,
    partitions: indexes,
    assignmentEpochs: indexes.map((index) => partitions.get(topicId)?.get(index) ?? 0),
  }))
}
