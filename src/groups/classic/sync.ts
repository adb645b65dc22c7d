import type { Wait } from '../../coordinator/wait.js'
import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { RECORD_BYTES_MAX } from '../limits.js'
import { type SyncReply, type SyncRequest, syncError } from '../requests.js'
import type { Group } from './group.js'
import { type Member, NO_ASSIGNMENT } from './member.js'
import { completeSyncWait, expectHeartbeat, parkSync } from './members.js'
import { prepareRebalance } from './rebalance.js'
import { groupEntry, recordBytes } from './records.js'

/*
 * SyncGroup, by state:
 *
 *   PreparingRebalance    REBALANCE_IN_PROGRESS: join again
 *   CompletingRebalance   parks; the leader's brings the assignments, which are stored and handed to all who wait
 *   Stable                the member's present assignment
 */
export function sync(
  shard: GroupShard,
  request: SyncRequest,
  wait: Wait<SyncReply>,
  effects: GroupEffects,
): void {
  const group = shard.groups.get(request.groupId)
  const refusal = refusalOf(group, request)
  const member = group?.members.get(request.memberId)
  if (group === undefined || member === undefined || refusal !== ErrorCode.NONE) {
    effects.reply(wait, syncError(refusal))
    return
  }
  synced(group, member, effects)
  if (group.state === 'Stable') {
    effects.reply(wait, syncReplyFor(group, member))
    return
  }
  parkSync(member, wait, effects)
  if (group.leaderId === member.memberId) assign(shard, group, request, effects)
}

function refusalOf(group: Group | undefined, request: SyncRequest): number {
  if (group === undefined || group.state === 'Empty') return ErrorCode.UNKNOWN_MEMBER_ID
  const invalid = group.validateMember(request.memberId, request.groupInstanceId)
  if (invalid !== ErrorCode.NONE) return invalid
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  if (
    differs(request.protocolType, group.protocolType) ||
    differs(request.protocolName, group.protocolName)
  ) {
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  }
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}

/** Versions before 5 do not name a protocol. */
function differs(asked: string | null, present: string | null): boolean {
  return asked !== null && present !== null && asked !== present
}

function synced(group: Group, member: Member, effects: GroupEffects): void {
  group.pendingSyncMembers.delete(member.memberId)
  if (group.pendingSyncMembers.size === 0) effects.cancel(group.syncTimer)
}

function assign(shard: GroupShard, group: Group, { assignments }: SyncRequest, effects: GroupEffects): void {
  const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]))
  const entry = groupEntry(group, ({ memberId }) => byMember.get(memberId) ?? NO_ASSIGNMENT, effects.nowMs)
  if (recordBytes(entry) > RECORD_BYTES_MAX) {
    for (const member of group.members.values()) {
      answerSync(member, syncError(ErrorCode.UNKNOWN_SERVER_ERROR), effects)
    }
    prepareRebalance(group, shard.config, effects)
    return
  }
  // Applying the entry makes the group Stable and gives every member its assignment.
  effects.append(entry)
  for (const member of group.members.values()) answerSync(member, syncReplyFor(group, member), effects)
}

function answerSync(member: Member, reply: SyncReply, effects: GroupEffects): void {
  // A session that ran out while the member waited was let pass; it starts anew.
  if (completeSyncWait(member, reply, effects)) expectHeartbeat(member, effects)
}

function syncReplyFor({ protocolType, protocolName }: Group, { assignment }: Member): SyncReply {
  return { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment }
}
