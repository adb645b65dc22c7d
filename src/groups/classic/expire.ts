import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { Group } from './group.js'
import { removeMember } from './members.js'
import { maybeCompleteJoin, rebalanceOrCompleteJoin } from './rebalance.js'

/** Nothing was heard of a member, or of somebody who was given an id, for its session timeout. */
export function sessionExpired(
  shard: GroupShard,
  group: Group,
  memberId: string,
  effects: GroupEffects,
): void {
  if (group.takePending(memberId) !== undefined) {
    maybeCompleteJoin(group, effects)
    return
  }
  const member = group.members.get(memberId)
  if (member === undefined || member.heartbeatSatisfied) return
  shard.notice('member expired', { group: group.groupId, member: memberId })
  removeMember(group, memberId, effects)
  rebalanceOrCompleteJoin(group, shard.config, effects)
}
