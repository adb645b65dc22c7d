// What transitions do to one member: answer its waits, expect its next sign of life, take it out.

import type { Wait } from '../../coordinator/wait.js'
import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import { type JoinReply, joinError, type SyncReply, syncError } from '../requests.js'
import type { Group } from './group.js'
import type { Member } from './member.js'

/** Parks a JoinGroup. One that is parked already was given up by its client, and is told to start over. */
export function parkJoin(group: Group, member: Member, wait: Wait<JoinReply>, effects: GroupEffects): void {
  completeJoinWait(group, member, joinError(ErrorCode.REBALANCE_IN_PROGRESS, member.memberId), effects)
  member.joinWait = wait
  group.awaitingJoin++
}

export function parkSync(member: Member, wait: Wait<SyncReply>, effects: GroupEffects): void {
  completeSyncWait(member, syncError(ErrorCode.REBALANCE_IN_PROGRESS), effects)
  member.syncWait = wait
}

/** False when nothing was parked. */
export function completeJoinWait(
  group: Group,
  member: Member,
  reply: JoinReply,
  effects: GroupEffects,
): boolean {
  const wait = member.joinWait
  if (wait === null) return false
  member.joinWait = null
  group.awaitingJoin--
  effects.reply(wait, reply)
  return true
}

/** False when nothing was parked. */
export function completeSyncWait(member: Member, reply: SyncReply, effects: GroupEffects): boolean {
  const wait = member.syncWait
  if (wait === null) return false
  member.syncWait = null
  effects.reply(wait, reply)
  return true
}

/** From now on the member must be heard of within its session timeout. */
export function expectHeartbeat(member: Member, effects: GroupEffects): void {
  effects.schedule(member.sessionTimer, member.sessionTimeoutMs)
}

/** Takes a member out; if it is alive after all, UNKNOWN_MEMBER_ID makes it join anew. */
export function removeMember(group: Group, memberId: string, effects: GroupEffects): void {
  const member = group.members.get(memberId)
  if (member === undefined) return
  effects.cancel(member.sessionTimer)
  completeJoinWait(group, member, joinError(ErrorCode.UNKNOWN_MEMBER_ID, ''), effects)
  completeSyncWait(member, syncError(ErrorCode.UNKNOWN_MEMBER_ID), effects)
  group.remove(memberId)
}

/** What a member learns of the present generation; only the leader is shown the others. */
export function joinReplyFor(group: Group, member: Member): JoinReply {
  const isLeader = group.leaderId === member.memberId
  return {
    errorCode: ErrorCode.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    skipAssignment: false,
    memberId: member.memberId,
    members: isLeader ? membersForLeader(group) : [],
  }
}

function membersForLeader(group: Group): JoinReply['members'] {
  return [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: member.metadata(group.protocolName),
  }))
}
