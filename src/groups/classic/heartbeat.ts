import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { MemberRequest } from '../requests.js'
import { expectHeartbeat } from './members.js'

/** Returns the error code of the reply. During a rebalance the session is kept and the member told to join again. */
export function heartbeat(shard: GroupShard, request: MemberRequest, effects: GroupEffects): number {
  const { groupId, memberId, groupInstanceId, generationId } = request
  const group = shard.groups.get(groupId)
  if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  const invalid = group.validateMember(memberId, groupInstanceId)
  if (invalid !== ErrorCode.NONE) return invalid
  if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  const member = group.members.get(memberId)
  if (member !== undefined) expectHeartbeat(member, effects)
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}
