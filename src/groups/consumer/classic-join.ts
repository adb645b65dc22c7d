import type { Wait } from '../../coordinator/wait.js'
import { ErrorCode } from '../../protocol/errors.js'
import { join } from '../classic/join.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { type JoinReply, type JoinRequest, joinError } from '../requests.js'
import { removeConsumerGroup } from './delete.js'
import type { ConsumerGroup } from './group.js'

/** JoinGroup to a group of the consumer protocol: one without members becomes classic again, offsets stay. */
export function joinConsumerGroup(
  shard: GroupShard,
  group: ConsumerGroup,
  { request, wait }: { readonly request: JoinRequest; readonly wait: Wait<JoinReply> },
  effects: GroupEffects,
): void {
  if (group.members.size > 0) {
    effects.reply(wait, joinError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.memberId))
    return
  }
  // What cannot begin a group must not end one either.
  const begins = request.memberId === '' && request.protocolType !== '' && request.protocols.length > 0
  if (begins) removeConsumerGroup(group, effects)
  if (begins) join(shard, request, wait, effects)
  else effects.reply(wait, joinError(ErrorCode.UNKNOWN_MEMBER_ID, request.memberId))
}
