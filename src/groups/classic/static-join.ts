import { ErrorCode } from '../../protocol/errors.js'
import { RECORD_BYTES_MAX } from '../limits.js'
import { joinError, syncError } from '../requests.js'
import { type Joining, memberFrom, updateMember } from './joining.js'
import type { Member } from './member.js'
import { completeJoinWait, completeSyncWait, expectHeartbeat, joinReplyFor } from './members.js'
import { maybeCompleteJoin, prepareRebalance } from './rebalance.js'
import { groupEntry, recordBytes } from './records.js'

/*
 * A static member that restarted joins with its instance id and no member id. It takes its old place under a new
 * member id, and whoever still uses the old id is fenced.
 *
 *   Stable, selected protocol stays      no rebalance: the new id is stored and the generation stands
 *   Stable, selected protocol changes    rebalance
 *   CompletingRebalance                  rebalance: the leader may be assigning to the old id
 *   PreparingRebalance                   joins the rebalance
 */
export function joinReturningStaticMember(joining: Joining, oldMember: Member, newMemberId: string): void {
  const { shard, group, wait, effects } = joining
  if (group.state === 'Stable' && !staysStorable(joining, newMemberId)) {
    effects.reply(wait, joinError(ErrorCode.UNKNOWN_SERVER_ERROR, ''))
    return
  }
  const oldLeaderId = group.leaderId
  const member = takePlace(joining, oldMember, newMemberId)
  if (group.state === 'Stable' && group.protocolName === group.votes.select(group.members.values())) {
    keepGeneration(joining, member, oldLeaderId)
    return
  }
  updateMember(joining, member)
  if (group.state === 'PreparingRebalance') maybeCompleteJoin(group, effects)
  else prepareRebalance(group, shard.config, effects)
}

function takePlace(joining: Joining, oldMember: Member, newMemberId: string): Member {
  const { group, request, effects } = joining
  const { memberId: oldMemberId } = oldMember
  completeJoinWait(group, oldMember, joinError(ErrorCode.FENCED_INSTANCE_ID, oldMemberId), effects)
  completeSyncWait(oldMember, syncError(ErrorCode.FENCED_INSTANCE_ID), effects)
  effects.cancel(oldMember.sessionTimer)
  const wasLeader = group.leaderId === oldMemberId
  const owesSync = group.pendingSyncMembers.has(oldMemberId)
  group.remove(oldMemberId)
  const member = memberFrom(joining, newMemberId)
  member.assignment = oldMember.assignment
  group.add(member, request.protocols)
  if (wasLeader) group.leaderId = newMemberId
  if (owesSync) group.pendingSyncMembers.add(newMemberId)
  expectHeartbeat(member, effects)
  return member
}

/** Only a leader of v9 or later can be shown that it leads and told not to assign anew; others keep the old view. */
function keepGeneration(
  { group, request, wait, effects }: Joining,
  member: Member,
  oldLeaderId: string | null,
): void {
  effects.append(groupEntry(group, (other) => other.assignment, effects.nowMs))
  const reply = joinReplyFor(group, member)
  if (request.supportsSkippingAssignment) {
    effects.reply(wait, { ...reply, skipAssignment: group.leaderId === member.memberId })
  } else {
    effects.reply(wait, { ...reply, leader: oldLeaderId ?? '', members: [] })
  }
}

/** Asked before anything changes: the group's record with this member counted twice. */
function staysStorable({ group, request, effects }: Joining, newMemberId: string): boolean {
  const present = recordBytes(groupEntry(group, ({ assignment }) => assignment, effects.nowMs))
  const metadata = request.protocols.find(({ name }) => name === group.protocolName)?.metadata
  return present + (metadata?.length ?? 0) + Buffer.byteLength(newMemberId) <= RECORD_BYTES_MAX
}
