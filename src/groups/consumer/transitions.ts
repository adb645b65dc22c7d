// Steps that several transitions of a consumer group share. Each appends only what changed.

import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { ConsumerGroup } from './group.js'
import { type ConsumerMember, type CurrentAssignment, LEAVE_EPOCH, MemberState } from './member.js'
import { samePartitions, type TopicPartitions } from './partitions.js'
import { reconcile } from './reconcile.js'
import { currentEntry, epochEntry, memberEntry, memberTombstones, targetEntry } from './records.js'
import { hasDuePatterns, resolvePatterns } from './subscriptions.js'
import { hashOfTopics } from './topics.js'

/** Brings the group epoch up to what members and topics are now. */
export function updateEpoch(
  shard: GroupShard,
  group: ConsumerGroup,
  { bump }: { readonly bump: boolean },
  effects: GroupEffects,
): void {
  const { groupId } = group
  const { topics } = shard.consumers
  const compared = group.comparedTopicsVersion === topics.version
  if (!bump && compared && !hasDuePatterns(group, shard.consumers, effects.nowMs)) return
  resolvePatterns(group, shard.consumers, effects)
  const hash = hashOfTopics(group.subscribedTopics(), topics)
  if (group.hasPartitionMetadata) {
    effects.append({ type: 'consumer-partitions', key: { groupId }, value: null })
  }
  if (bump || hash !== group.metadataHash) {
    effects.append(epochEntry(groupId, group.groupEpoch + 1, hash))
  }
  group.comparedTopicsVersion = topics.version
}

/** One step of the member towards the target, with the time it has to give partitions up. */
export function reconcileMember(
  group: ConsumerGroup,
  member: ConsumerMember,
  owned: TopicPartitions | null,
  effects: GroupEffects,
): void {
  const { groupId, targetEpoch } = group
  if (member.isReconciledTo(targetEpoch)) return
  // A member whose record was just written is in no epoch yet.
  const isNew = member.memberEpoch === LEAVE_EPOCH
  const current = isNew ? { ...member.current, memberEpoch: 0 } : member.current
  const next = reconcile({
    current,
    targetEpoch,
    target: group.target(member.memberId),
    owned,
    isOwned: (topicId, partition) => group.isOwned(topicId, partition),
  })
  if (sameCurrent(next, member.current)) return
  effects.append(currentEntry(groupId, member.memberId, next))
  // Members of the classic protocol have deadlines for joining and syncing instead.
  if (member.usesClassicProtocol) return
  if (next.state === MemberState.UnrevokedPartitions) expectRevocation(member, effects)
  else effects.cancel(member.rebalanceTimer)
}

function sameCurrent(a: CurrentAssignment, b: CurrentAssignment): boolean {
  return (
    a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state &&
    samePartitions(a.assigned, b.assigned) &&
    samePartitions(a.pendingRevocation, b.pendingRevocation)
  )
}

export function expectConsumerHeartbeat(
  member: ConsumerMember,
  timeoutMs: number,
  effects: GroupEffects,
): void {
  effects.schedule(member.sessionTimer, timeoutMs)
}

export function expectRevocation(member: ConsumerMember, effects: GroupEffects): void {
  effects.schedule(member.rebalanceTimer, Math.max(member.metadata.rebalanceTimeoutMs, 0))
}

/** A static member that returns under a new id has everything of the old one, but starts at epoch 0. */
export function takeOver(
  group: ConsumerGroup,
  old: ConsumerMember,
  memberId: string,
  effects: GroupEffects,
): void {
  const { groupId } = group
  const { metadata, current } = old
  const target = group.target(old.memberId)
  effects.cancel(old.sessionTimer)
  effects.cancel(old.rebalanceTimer)
  for (const entry of memberTombstones(groupId, old.memberId)) effects.append(entry)
  effects.append(memberEntry(groupId, memberId, metadata))
  effects.append(targetEntry(groupId, memberId, target))
  const fresh = { ...current, memberEpoch: 0, previousMemberEpoch: 0, state: MemberState.Stable }
  effects.append(currentEntry(groupId, memberId, { ...fresh, pendingRevocation: new Map() }))
}

/** After loading, members must be heard of again, and go on giving up what they were asked to. */
export function resumeMembers(shard: GroupShard, group: ConsumerGroup, effects: GroupEffects): void {
  const { sessionTimeoutMs } = shard.consumers.settingsOf(group.groupId)
  for (const member of group.members.values()) {
    const { classicMemberMetadata } = member.metadata
    expectConsumerHeartbeat(member, classicMemberMetadata?.sessionTimeoutMs ?? sessionTimeoutMs, effects)
    if (member.current.state === MemberState.UnrevokedPartitions) expectRevocation(member, effects)
  }
}
