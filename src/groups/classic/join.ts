import type { Wait } from '../../coordinator/wait.js'
import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { bytesOfProtocols } from '../held.js'
import { GROUPS_PER_SHARD_MAX, PENDING_MEMBERS_MAX, PENDING_MEMBERS_PER_SHARD_MAX } from '../limits.js'
import { type JoinReply, type JoinRequest, joinError } from '../requests.js'
import type { Group } from './group.js'
import { type Joining, memberFrom, updateMember } from './joining.js'
import { type Member, sessionTimer } from './member.js'
import { joinReplyFor, parkJoin } from './members.js'
import { rebalanceOrCompleteJoin, turnAway } from './rebalance.js'
import { newGroupEntry } from './records.js'
import { joinReturningStaticMember } from './static-join.js'

/** A new member cannot send heartbeats while its first join is parked; after this long it is taken for gone. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60_000

/*
 * JoinGroup, by what the caller is to the group:
 *
 *   no member id, no instance id   gets an id; must join again with it from v4
 *   no member id, instance id      a new static member, or one that returns and takes its old place
 *   id it was given before         becomes a member
 *   id of a member                 joins the rebalance, starts one, or learns of the present generation
 *   any other id                   UNKNOWN_MEMBER_ID
 */
export function join(
  shard: GroupShard,
  request: JoinRequest,
  wait: Wait<JoinReply>,
  effects: GroupEffects,
): void {
  const known = shard.groups.get(request.groupId)
  const refusal =
    known === undefined ? refusalOfNewGroup(shard, request) : shard.refusalOfLoad(joinLoad(known, request))
  if (refusal !== ErrorCode.NONE) {
    effects.reply(wait, joinError(refusal, request.memberId))
    return
  }
  if (known === undefined) effects.append(newGroupEntry(request.groupId, effects.nowMs))
  const group = known ?? shard.group(request.groupId)
  joinGroup({ shard, group, request, wait, effects })
}

function refusalOfNewGroup(shard: GroupShard, { memberId, protocolType, protocols }: JoinRequest): number {
  // An id can only have been given by a group that is gone.
  if (memberId !== '') return ErrorCode.UNKNOWN_MEMBER_ID
  if (protocolType === '' || protocols.length === 0) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  const full = shard.groupCount >= GROUPS_PER_SHARD_MAX
  if (full) return ErrorCode.COORDINATOR_NOT_AVAILABLE
  return shard.refusalOfLoad({ bytes: bytesOfProtocols(protocols), isNew: true })
}

/** What the join would add: a member that is there already replaces what it brought before. */
function joinLoad(group: Group, { memberId, groupInstanceId, protocols }: JoinRequest) {
  const member =
    group.members.get(memberId) ??
    (groupInstanceId === null ? undefined : group.staticMember(groupInstanceId))
  const before = member === undefined ? 0 : bytesOfProtocols(member.protocols)
  return { bytes: bytesOfProtocols(protocols) - before, isNew: member === undefined }
}

function joinGroup(joining: Joining): void {
  const { shard, group, request, wait, effects } = joining
  const { memberId } = request
  if (!accepts(group, memberId, shard.config.groupMaxSize)) {
    turnAway(group, memberId, effects)
    effects.reply(wait, joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, ''))
  } else if (!group.supportsProtocols(request.protocolType, request.protocols)) {
    effects.reply(wait, joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId))
  } else if (memberId === '') {
    joinWithoutId(joining)
  } else if (group.pendingMembers.has(memberId)) {
    joinPending(joining)
  } else {
    joinAgain(joining)
  }
}

/** While members join, those that wait count, so that the last ones to come back are the ones turned away. */
function accepts(group: Group, memberId: string, groupMaxSize: number): boolean {
  const member = group.members.get(memberId)
  if (group.state === 'Empty') return true
  if (group.state === 'PreparingRebalance') {
    return (member !== undefined && member.joinWait !== null) || group.awaitingJoin < groupMaxSize
  }
  return member !== undefined || group.members.size < groupMaxSize
}

function joinWithoutId(joining: Joining): void {
  const { shard, group, request, wait, effects } = joining
  const { groupInstanceId, clientId } = request
  const newMemberId = `${groupInstanceId ?? clientId}-${shard.random.uuidText()}`
  if (groupInstanceId !== null) {
    const oldMember = group.staticMember(groupInstanceId)
    if (oldMember === undefined) addMember(joining, newMemberId)
    else joinReturningStaticMember(joining, oldMember, newMemberId)
  } else if (!request.requireKnownMemberId) {
    addMember(joining, newMemberId)
  } else if (
    group.pendingMembers.size >= PENDING_MEMBERS_MAX ||
    shard.held.pendingMembers >= PENDING_MEMBERS_PER_SHARD_MAX
  ) {
    effects.reply(wait, joinError(ErrorCode.GROUP_MAX_SIZE_REACHED, ''))
  } else {
    const timer = sessionTimer(group.groupId, newMemberId)
    group.expectJoin(newMemberId, timer)
    effects.schedule(timer, request.sessionTimeoutMs)
    effects.reply(wait, joinError(ErrorCode.MEMBER_ID_REQUIRED, newMemberId))
  }
}

function joinPending(joining: Joining): void {
  const { group, request, wait, effects } = joining
  const { memberId, groupInstanceId } = request
  // Ids are given to dynamic members only; one that comes with an instance id is not of our making.
  const pending = groupInstanceId === null ? group.takePending(memberId) : undefined
  if (pending === undefined) {
    effects.reply(wait, joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId))
  } else {
    effects.cancel(pending)
    addMember(joining, memberId)
  }
}

function joinAgain(joining: Joining): void {
  const { shard, group, request, wait, effects } = joining
  const { memberId, groupInstanceId } = request
  const code = group.validateMember(memberId, groupInstanceId)
  const member = group.members.get(memberId)
  if (code !== ErrorCode.NONE || member === undefined) {
    effects.reply(wait, joinError(code, memberId))
  } else if (wantsRebalance(group, member, request)) {
    updateMember(joining, member)
    rebalanceOrCompleteJoin(group, shard.config, effects)
  } else {
    // It missed the reply, or has nothing new to say: the present generation stands.
    effects.reply(wait, joinReplyFor(group, member))
  }
}

/** A leader that joins a stable group asks for new assignments: the topics may have changed. */
function wantsRebalance(group: Group, member: Member, { protocols }: JoinRequest): boolean {
  if (group.state === 'PreparingRebalance') return true
  const leaderAsks = group.state === 'Stable' && group.leaderId === member.memberId
  return leaderAsks || !member.matches(protocols)
}

function addMember(joining: Joining, memberId: string): void {
  const { shard, group, request, wait, effects } = joining
  const member = memberFrom(joining, memberId)
  member.isNew = true
  if (group.members.size === 0) group.protocolType = request.protocolType
  if (group.initialDelay !== null) group.newMemberAdded = true
  group.add(member, request.protocols)
  parkJoin(group, member, wait, effects)
  effects.schedule(member.sessionTimer, NEW_MEMBER_JOIN_TIMEOUT_MS)
  rebalanceOrCompleteJoin(group, shard.config, effects)
}
