import type { Wait } from '../../coordinator/wait.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { JoinReply, JoinRequest } from '../requests.js'
import type { Group } from './group.js'
import { Member, sessionTimer } from './member.js'
import { parkJoin } from './members.js'

/** One JoinGroup on its way through its transition. */
export interface Joining {
  readonly shard: GroupShard
  readonly group: Group
  readonly request: JoinRequest
  readonly wait: Wait<JoinReply>
  readonly effects: GroupEffects
}

/** A member as its request describes it, not yet part of the group. */
export function memberFrom({ group, request }: Joining, memberId: string): Member {
  const { groupInstanceId, clientId, clientHost } = request
  const timer = sessionTimer(group.groupId, memberId)
  const member = new Member({ memberId, groupInstanceId, clientId, clientHost, sessionTimer: timer })
  setTimeouts(member, request)
  return member
}

/** Takes over what a member says of itself now, and parks its join. */
export function updateMember({ group, request, wait, effects }: Joining, member: Member): void {
  group.setProtocols(member, request.protocols)
  setTimeouts(member, request)
  parkJoin(group, member, wait, effects)
}

function setTimeouts(member: Member, { sessionTimeoutMs, rebalanceTimeoutMs }: JoinRequest): void {
  member.sessionTimeoutMs = sessionTimeoutMs
  // Version 0 knew one timeout for both.
  member.rebalanceTimeoutMs = rebalanceTimeoutMs === -1 ? sessionTimeoutMs : Math.max(rebalanceTimeoutMs, 0)
}
