import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { removeConsumerMember } from './leave.js'
import { MemberState } from './member.js'

/** Nothing was heard of a member for the session timeout. */
export function consumerSessionExpired(
  shard: GroupShard,
  { groupId, memberId }: { readonly groupId: string; readonly memberId: string },
  effects: GroupEffects,
): void {
  const group = shard.consumerGroups.get(groupId)
  const member = group?.members.get(memberId)
  if (group === undefined || member === undefined) return
  shard.notice('member expired', { group: groupId, member: memberId })
  removeConsumerMember(shard, group, member, effects)
}

/** A member did not give up in time what it was asked to; others wait for it no longer. */
export function consumerRebalanceExpired(
  shard: GroupShard,
  { groupId, memberId }: { readonly groupId: string; readonly memberId: string },
  effects: GroupEffects,
): void {
  const group = shard.consumerGroups.get(groupId)
  const member = group?.members.get(memberId)
  if (group === undefined || member === undefined) return
  // Members of the classic protocol run this timer while they must join or sync.
  const late = member.usesClassicProtocol || member.current.state === MemberState.UnrevokedPartitions
  if (!late) return
  shard.notice('member did not rebalance in time', { group: groupId, member: memberId })
  removeConsumerMember(shard, group, member, effects)
}
