// The rebalance, as all transitions share it: prepare (members must join again), complete (they got the generation).

import { assert } from '../../base/assert.js'
import { ErrorCode } from '../../protocol/errors.js'
import type { GroupConfig } from '../config.js'
import type { GroupEffects } from '../events.js'
import { syncError } from '../requests.js'
import type { Group } from './group.js'
import { NO_ASSIGNMENT } from './member.js'
import { completeJoinWait, completeSyncWait, expectHeartbeat, joinReplyFor, removeMember } from './members.js'
import { emptyGroupEntry } from './records.js'
import { canRebalance } from './state.js'

/** Starts a rebalance where the state allows one; where one is under way already, looks whether it can end. */
export function rebalanceOrCompleteJoin(group: Group, config: GroupConfig, effects: GroupEffects): void {
  if (canRebalance(group.state)) prepareRebalance(group, config, effects)
  else maybeCompleteJoin(group, effects)
}

export function prepareRebalance(group: Group, config: GroupConfig, effects: GroupEffects): void {
  if (group.state === 'CompletingRebalance') {
    for (const member of group.members.values()) member.assignment = NO_ASSIGNMENT
    failSyncWaits(group, ErrorCode.REBALANCE_IN_PROGRESS, effects)
  }
  group.pendingSyncMembers.clear()
  effects.cancel(group.syncTimer)
  const initial = group.state === 'Empty'
  group.transitionTo('PreparingRebalance', effects.nowMs)
  if (initial) {
    startInitialDelay(group, config, effects)
  } else if (group.allMembersJoined) {
    completeJoin(group, effects)
  } else {
    effects.schedule(group.joinTimer, group.rebalanceTimeoutMs)
  }
}

/** Ends the join phase when nobody is missing. The first rebalance of an empty group waits its delay out. */
export function maybeCompleteJoin(group: Group, effects: GroupEffects): void {
  if (group.state === 'PreparingRebalance' && group.initialDelay === null && group.allMembersJoined) {
    completeJoin(group, effects)
  }
}

/** The join timer passed: more members came during the initial delay, or the join phase ends as it stands. */
export function joinExpired(group: Group, config: GroupConfig, effects: GroupEffects): void {
  if (group.state !== 'PreparingRebalance') return
  const { initialDelay, newMemberAdded } = group
  if (initialDelay === null || !newMemberAdded || initialDelay.remainingMs === 0) {
    completeJoin(group, effects)
    return
  }
  group.newMemberAdded = false
  const delayMs = Math.min(config.groupInitialRebalanceDelayMs, initialDelay.remainingMs)
  group.initialDelay = { delayMs, remainingMs: Math.max(initialDelay.remainingMs - initialDelay.delayMs, 0) }
  effects.schedule(group.joinTimer, delayMs)
}

/** Members that joined and did not send SyncGroup in time are gone. */
export function syncExpired(group: Group, config: GroupConfig, effects: GroupEffects): void {
  if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return
  if (group.pendingSyncMembers.size === 0) return
  for (const memberId of [...group.pendingSyncMembers]) removeMember(group, memberId, effects)
  prepareRebalance(group, config, effects)
}

function startInitialDelay(group: Group, config: GroupConfig, effects: GroupEffects): void {
  const delayMs = config.groupInitialRebalanceDelayMs
  group.newMemberAdded = false
  group.initialDelay = { delayMs, remainingMs: Math.max(group.rebalanceTimeoutMs - delayMs, 0) }
  effects.schedule(group.joinTimer, delayMs)
}

function completeJoin(group: Group, effects: GroupEffects): void {
  assert(group.state === 'PreparingRebalance', 'A join phase ends once.')
  effects.cancel(group.joinTimer)
  group.initialDelay = null
  for (const member of [...group.members.values()]) {
    // A static member that is away keeps its place until its session expires.
    if (member.joinWait === null && !member.isStatic) removeMember(group, member.memberId, effects)
  }
  if (group.members.size === 0) {
    effects.append(emptyGroupEntry(group, effects.nowMs))
  } else if (electJoinedLeader(group)) {
    group.nextGeneration(effects.nowMs)
    answerJoins(group, effects)
    effects.schedule(group.syncTimer, group.rebalanceTimeoutMs)
  } else {
    // Only static members that are away are left: their sessions, or their return, decide.
    effects.schedule(group.joinTimer, group.rebalanceTimeoutMs)
  }
}

/** The leader stays when it joined; else the first member that did takes over. False when nobody joined. */
function electJoinedLeader(group: Group): boolean {
  const leader = group.leaderId === null ? undefined : group.members.get(group.leaderId)
  if (leader !== undefined && leader.joinWait !== null) return true
  for (const member of group.members.values()) {
    if (member.joinWait === null) continue
    group.leaderId = member.memberId
    return true
  }
  return false
}

function answerJoins(group: Group, effects: GroupEffects): void {
  for (const member of group.members.values()) {
    completeJoinWait(group, member, joinReplyFor(group, member), effects)
    member.isNew = false
    expectHeartbeat(member, effects)
    group.pendingSyncMembers.add(member.memberId)
  }
}

function failSyncWaits(group: Group, errorCode: number, effects: GroupEffects): void {
  for (const member of group.members.values()) {
    if (completeSyncWait(member, syncError(errorCode), effects)) expectHeartbeat(member, effects)
  }
}

/** Over its size limit the group turns away a member that waits or may come; those left may now be complete. */
export function turnAway(group: Group, memberId: string, effects: GroupEffects): void {
  if (group.members.has(memberId)) removeMember(group, memberId, effects)
  const pending = group.takePending(memberId)
  if (pending !== undefined) effects.cancel(pending)
  maybeCompleteJoin(group, effects)
}
