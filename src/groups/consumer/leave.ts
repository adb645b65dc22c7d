import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { canDowngrade, downgrade } from './downgrade.js'
import type { ConsumerGroup } from './group.js'
import { AWAY_EPOCH, type ConsumerMember } from './member.js'
import { currentEntry, memberTombstones, targetEpochEntry } from './records.js'
import { type ConsumerHeartbeatReply, type ConsumerHeartbeatRequest, heartbeatError } from './requests.js'
import { updateEpoch } from './transitions.js'

/** A member goes for good (-1), or a static one for a while (-2) and keeps its partitions meanwhile. */
export function leaveConsumerGroup(
  shard: GroupShard,
  { groupId, memberId, memberEpoch, instanceId }: ConsumerHeartbeatRequest,
  effects: GroupEffects,
): ConsumerHeartbeatReply {
  const group = shard.consumerGroups.get(groupId)
  if (group === undefined)
    return heartbeatError(ErrorCode.GROUP_ID_NOT_FOUND, 'The consumer group is unknown.')
  const holder = instanceId === null ? undefined : group.staticMember(instanceId)
  if (holder !== undefined && holder.memberId !== memberId) {
    return heartbeatError(ErrorCode.FENCED_INSTANCE_ID, 'The instance id belongs to another member.')
  }
  const member = instanceId === null ? group.members.get(memberId) : holder
  if (member === undefined) return heartbeatError(ErrorCode.UNKNOWN_MEMBER_ID, 'The member is unknown.')
  if (memberEpoch === AWAY_EPOCH) goAway(group, member, effects)
  else removeConsumerMember(shard, group, member, effects)
  return { ...heartbeatError(ErrorCode.NONE), memberId, memberEpoch }
}

/**
 * Takes a member out; the others learn with their next heartbeat that its partitions are free. When it was the last
 * one with the new protocol, they are a classic group from now on.
 */
export function removeConsumerMember(
  shard: GroupShard,
  group: ConsumerGroup,
  member: ConsumerMember,
  effects: GroupEffects,
): void {
  effects.cancel(member.sessionTimer)
  effects.cancel(member.rebalanceTimer)
  if (canDowngrade(shard, group, member) && downgrade(shard, group, member, effects)) return
  for (const entry of memberTombstones(group.groupId, member.memberId)) effects.append(entry)
  updateEpoch(shard, group, { bump: true }, effects)
  // The target of nobody is known at once, and its time of 0 lets the next member be assigned without delay.
  if (group.members.size === 0) effects.append(targetEpochEntry(group.groupId, group.groupEpoch, 0))
}

function goAway(group: ConsumerGroup, member: ConsumerMember, effects: GroupEffects): void {
  effects.cancel(member.rebalanceTimer)
  const away = { ...member.current, memberEpoch: AWAY_EPOCH, pendingRevocation: new Map() }
  effects.append(currentEntry(group.groupId, member.memberId, { ...away, state: 0 }))
}
