// Sync, Heartbeat and Leave of members that speak the classic protocol in a consumer group.

import { ErrorCode } from '../../protocol/errors.js'
import { CONSUMER_PROTOCOL_TYPE } from '../classic/group.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import {
  type LeaveReply,
  type LeaveRequest,
  type MemberRequest,
  type SyncReply,
  type SyncRequest,
  syncError,
} from '../requests.js'
import { assignmentBlob } from './embedded.js'
import type { ConsumerGroup } from './group.js'
import { removeConsumerMember } from './leave.js'
import { type ConsumerMember, MemberState } from './member.js'
import { expectConsumerHeartbeat, expectRevocation, updateEpoch } from './transitions.js'

export function syncClassicMember(
  shard: GroupShard,
  group: ConsumerGroup,
  request: SyncRequest,
  effects: GroupEffects,
): SyncReply {
  const member = classicMember(group, request)
  if (typeof member === 'number') return syncError(member)
  const protocolName = classicProtocolName(member)
  const { protocolType, protocolName: named } = request
  if (
    (protocolType ?? CONSUMER_PROTOCOL_TYPE) !== CONSUMER_PROTOCOL_TYPE ||
    (named ?? protocolName) !== protocolName
  ) {
    return syncError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  }
  const revoking = member.current.state === MemberState.UnrevokedPartitions
  if (group.groupEpoch > member.memberEpoch && !revoking) {
    expectClassicStep(member, effects)
    return syncError(ErrorCode.REBALANCE_IN_PROGRESS)
  }
  effects.cancel(member.rebalanceTimer)
  expectConsumerHeartbeat(member, sessionTimeoutOf(member), effects)
  const { assigned } = member.current
  const subscription = member.metadata.classicMemberMetadata?.supportedProtocols[0]?.metadata
  const assignment = assignmentBlob(assigned, subscription, shard.consumers.topics)
  return { errorCode: ErrorCode.NONE, protocolType: CONSUMER_PROTOCOL_TYPE, protocolName, assignment }
}

/** Returns the error code of the reply. A member that has something to gain or to give up is told to join again. */
export function heartbeatClassicMember(
  shard: GroupShard,
  group: ConsumerGroup,
  request: MemberRequest,
  effects: GroupEffects,
): number {
  const member = classicMember(group, request)
  if (typeof member === 'number') return member
  expectConsumerHeartbeat(member, sessionTimeoutOf(member), effects)
  updateEpoch(shard, group, { bump: false }, effects)
  const { state } = member.current
  const rejoins =
    member.memberEpoch < group.groupEpoch ||
    state === MemberState.UnrevokedPartitions ||
    (state === MemberState.UnreleasedPartitions && !waits(group, member))
  if (!rejoins) return ErrorCode.NONE
  expectClassicStep(member, effects)
  return ErrorCode.REBALANCE_IN_PROGRESS
}

/** Members of either protocol may be taken out, the latter by administrators. */
export function leaveClassicMembers(
  shard: GroupShard,
  group: ConsumerGroup,
  { members }: LeaveRequest,
  effects: GroupEffects,
): LeaveReply {
  const leave = (memberId: string, groupInstanceId: string | null): number => {
    // The group may have become a classic one with the member before.
    if (shard.consumerGroups.get(group.groupId) !== group) return ErrorCode.UNKNOWN_MEMBER_ID
    const holder = groupInstanceId === null ? undefined : group.staticMember(groupInstanceId)
    if (holder !== undefined && memberId !== '' && holder.memberId !== memberId)
      return ErrorCode.FENCED_INSTANCE_ID
    const member = groupInstanceId === null ? group.members.get(memberId) : holder
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    removeConsumerMember(shard, group, member, effects)
    return ErrorCode.NONE
  }
  return {
    errorCode: ErrorCode.NONE,
    members: members.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      errorCode: leave(memberId, groupInstanceId),
    })),
  }
}

export function classicProtocolName({ metadata }: ConsumerMember): string | null {
  return metadata.classicMemberMetadata?.supportedProtocols[0]?.name ?? null
}

/** The member must join, or sync after it joined, within its rebalance timeout; the first deadline stands. */
export function expectClassicStep(member: ConsumerMember, effects: GroupEffects): void {
  if (!member.rebalanceTimer.scheduled) expectRevocation(member, effects)
}

function sessionTimeoutOf({ metadata }: ConsumerMember): number {
  return metadata.classicMemberMetadata?.sessionTimeoutMs ?? 0
}

/** The member of that name and generation, or the error code. */
function classicMember(group: ConsumerGroup, request: MemberRequest): ConsumerMember | number {
  const { memberId, groupInstanceId, generationId } = request
  if (groupInstanceId !== null) {
    const holder = group.staticMember(groupInstanceId)
    if (holder === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (holder.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  const member = group.members.get(memberId)
  if (member === undefined || !member.usesClassicProtocol) return ErrorCode.UNKNOWN_MEMBER_ID
  return generationId === member.memberEpoch ? member : ErrorCode.ILLEGAL_GENERATION
}

/** Some partition the member should have is still held by another. */
function waits(group: ConsumerGroup, { memberId, current }: ConsumerMember): boolean {
  for (const [topicId, indexes] of group.target(memberId)) {
    for (const index of indexes) {
      if (!current.assigned.get(topicId)?.has(index) && group.isOwned(topicId, index)) return true
    }
  }
  return false
}
