import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { LeaveReply, LeaveRequest, LeavingMember } from '../requests.js'
import type { Group } from './group.js'
import { removeMember } from './members.js'
import { maybeCompleteJoin, rebalanceOrCompleteJoin } from './rebalance.js'

/** Characters of a reason that are logged; Kafka's clients send no more. */
const LEAVE_REASON_MAX = 255

/**
 * LeaveGroup of any number of members, each with a result of its own. An administrator names static members by
 * instance id alone. The rest rebalances once, after all have left.
 */
export function leave(shard: GroupShard, request: LeaveRequest, effects: GroupEffects): LeaveReply {
  const group = shard.groups.get(request.groupId)
  const sizeBefore = group?.members.size ?? 0
  const members = request.members.map((leaving) => ({
    memberId: leaving.memberId,
    groupInstanceId: leaving.groupInstanceId,
    errorCode: group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : leaveOne(shard, group, leaving, effects),
  }))
  if (group !== undefined && group.members.size < sizeBefore) {
    rebalanceOrCompleteJoin(group, shard.config, effects)
  } else if (group !== undefined) {
    // Somebody who had not joined yet may have been the last one the others waited for.
    maybeCompleteJoin(group, effects)
  }
  return { errorCode: ErrorCode.NONE, members }
}

function leaveOne(shard: GroupShard, group: Group, leaving: LeavingMember, effects: GroupEffects): number {
  const { memberId, groupInstanceId, reason } = leaving
  const pending = group.takePending(memberId)
  if (pending !== undefined) {
    effects.cancel(pending)
    return ErrorCode.NONE
  }
  const named = memberId === '' && groupInstanceId !== null ? group.staticMember(groupInstanceId) : undefined
  const leavingId = named?.memberId ?? memberId
  const invalid = group.validateMember(leavingId, groupInstanceId)
  if (invalid !== ErrorCode.NONE) return invalid
  removeMember(group, leavingId, effects)
  shard.notice('member left', {
    group: group.groupId,
    member: leavingId,
    reason: reason?.slice(0, LEAVE_REASON_MAX) ?? null,
  })
  return ErrorCode.NONE
}
