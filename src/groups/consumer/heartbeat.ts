import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { groupForJoin } from './adopt.js'
import { bytesOfMetadata } from './group.js'
import { leaveConsumerGroup } from './leave.js'
import type { ConsumerMember, MemberMetadata } from './member.js'
import { admission } from './membership.js'
import { listed, samePartitions, topicPartitionsOf } from './partitions.js'
import { memberEntry } from './records.js'
import { type ConsumerHeartbeatReply, type ConsumerHeartbeatRequest, heartbeatError } from './requests.js'
import { matchTopics } from './subscriptions.js'
import { updateTarget } from './target.js'
import { expectConsumerHeartbeat, reconcileMember, takeOver, updateEpoch } from './transitions.js'

/*
 * ConsumerGroupHeartbeat, by the epoch the member says it is in:
 *
 *    0   joins, or starts over with nothing in hand
 *   >0   tells what it has and wants, and learns what it should have
 *   -1   leaves
 *   -2   a static member that will be back within its session timeout
 *
 * All checks come before the first record. Then the member's own record, the group epoch it moved, the target, and
 * one step of the member towards it, each written only when it changed.
 */
export function consumerHeartbeat(
  shard: GroupShard,
  request: ConsumerHeartbeatRequest,
  effects: GroupEffects,
): ConsumerHeartbeatReply {
  const { groupId, memberEpoch } = request
  if (memberEpoch < 0) return leaveConsumerGroup(shard, request, effects)
  const adopted = groupForJoin(shard, groupId, memberEpoch === 0)
  if (typeof adopted === 'number') {
    return heartbeatError(adopted, adopted === ErrorCode.GROUP_ID_NOT_FOUND ? notFound(groupId) : null)
  }
  const memberId = request.memberId === '' ? shard.random.uuidText() : request.memberId
  const named = { ...request, memberId }
  const { topics, groupMaxSize } = shard.consumers
  const admitted = admission(adopted.group, named, groupMaxSize)
  if ('errorCode' in admitted) return admitted
  const { subscribedTopicRegex } = request
  const isNewPattern = subscribedTopicRegex && !adopted.group?.regexes.has(subscribedTopicRegex)
  if (isNewPattern && matchTopics(subscribedTopicRegex, topics) === null) {
    const message = 'SubscribedTopicRegex is not a valid regular expression, or too large.'
    return heartbeatError(ErrorCode.INVALID_REGULAR_EXPRESSION, message)
  }
  const before = adopted.group?.members.get(memberId) ?? admitted.replaces ?? undefined
  const bytes = bytesOfMetadata(updatedMetadata(before?.metadata, named))
  const added = bytes - (before === undefined ? 0 : bytesOfMetadata(before.metadata))
  const overload = shard.refusalOfLoad({ bytes: added, isNew: before === undefined })
  if (overload !== ErrorCode.NONE) return heartbeatError(overload)
  adopted.convert(effects)
  return proceed(shard, named, admitted.replaces, effects)
}

function proceed(
  shard: GroupShard,
  request: ConsumerHeartbeatRequest,
  replaces: ConsumerMember | null,
  effects: GroupEffects,
): ConsumerHeartbeatReply {
  const { groupId, memberId, memberEpoch } = request
  const known = shard.consumerGroups.get(groupId)
  if (known !== undefined && replaces !== null) takeOver(known, replaces, memberId, effects)
  const before = known?.members.get(memberId)
  const metadata = updatedMetadata(before?.metadata, request)
  const isNew = before === undefined
  const moves = isNew || !sameSubscription(before.metadata, metadata)
  if (isNew || !sameMetadata(before.metadata, metadata)) {
    effects.append(memberEntry(groupId, memberId, metadata))
  }
  const group = shard.consumerGroup(groupId)
  const member = group.member(memberId)
  // The records replace what the member holds, so this stays what it was.
  const held = member.current.assigned
  updateEpoch(shard, group, { bump: moves }, effects)
  updateTarget(group, shard.consumers, effects)
  const owned = request.topicPartitions === null ? null : topicPartitionsOf(request.topicPartitions)
  reconcileMember(group, member, owned, effects)
  const settings = shard.consumers.settingsOf(groupId)
  expectConsumerHeartbeat(member, settings.sessionTimeoutMs, effects)
  const changed = !samePartitions(held, member.current.assigned)
  const full = memberEpoch === 0 || isFull(request)
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    memberId,
    memberEpoch: member.memberEpoch,
    heartbeatIntervalMs: settings.heartbeatIntervalMs,
    assignment: full || changed ? { topicPartitions: listed(member.current.assigned) } : null,
  }
}

/** A member that lost track sends everything, and is sent everything. */
function isFull(request: ConsumerHeartbeatRequest): boolean {
  const subscription = request.subscribedTopicNames ?? request.subscribedTopicRegex
  return request.rebalanceTimeoutMs !== -1 && subscription !== null && request.topicPartitions !== null
}

/** Null and -1 leave a field as it was. */
function updatedMetadata(
  before: MemberMetadata | undefined,
  request: ConsumerHeartbeatRequest,
): MemberMetadata {
  const names = request.subscribedTopicNames
  return {
    instanceId: request.instanceId ?? before?.instanceId ?? null,
    rackId: request.rackId ?? before?.rackId ?? null,
    clientId: request.clientId,
    clientHost: request.clientHost,
    subscribedTopicNames: names === null ? (before?.subscribedTopicNames ?? []) : [...new Set(names)].sort(),
    subscribedTopicRegex: request.subscribedTopicRegex ?? before?.subscribedTopicRegex ?? null,
    rebalanceTimeoutMs:
      request.rebalanceTimeoutMs === -1 ? (before?.rebalanceTimeoutMs ?? -1) : request.rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? before?.serverAssignor ?? null,
    classicMemberMetadata: null,
  }
}

function sameMetadata(a: MemberMetadata, b: MemberMetadata): boolean {
  return (
    sameSubscription(a, b) &&
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.classicMemberMetadata === b.classicMemberMetadata
  )
}

function sameSubscription(a: MemberMetadata, b: MemberMetadata): boolean {
  return (
    a.subscribedTopicRegex === b.subscribedTopicRegex &&
    a.serverAssignor === b.serverAssignor &&
    a.subscribedTopicNames.length === b.subscribedTopicNames.length &&
    a.subscribedTopicNames.every((name, at) => name === b.subscribedTopicNames[at])
  )
}

function notFound(groupId: string): string {
  return `Consumer group ${groupId.slice(0, 249)} not found.`
}
