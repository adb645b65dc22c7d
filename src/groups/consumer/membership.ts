import { ErrorCode } from '../../protocol/errors.js'
import type { ConsumerGroup } from './group.js'
import { AWAY_EPOCH, type ConsumerMember } from './member.js'
import { isSubset, topicPartitionsOf } from './partitions.js'
import { type ConsumerHeartbeatReply, type ConsumerHeartbeatRequest, heartbeatError } from './requests.js'

type Admission = { readonly replaces: ConsumerMember | null } | ConsumerHeartbeatReply

/** Whether the caller may go on as the member it says it is, and whose place it takes if it is a static one. */
export function admission(
  group: ConsumerGroup | undefined,
  request: ConsumerHeartbeatRequest,
  groupMaxSize: number,
): Admission {
  const { memberId, memberEpoch, instanceId } = request
  const member = group?.members.get(memberId)
  const holder = instanceId === null ? undefined : group?.staticMember(instanceId)
  if (memberEpoch === 0) {
    if (holder !== undefined && holder.memberId !== memberId) return admitSuccessor(holder, request)
    const full = member === undefined && (group?.members.size ?? 0) >= groupMaxSize
    return full ? heartbeatError(ErrorCode.GROUP_MAX_SIZE_REACHED, fullMessage) : { replaces: null }
  }
  if (instanceId !== null) {
    if (holder === undefined) return unknown(`Instance id ${instanceId} is unknown.`)
    if (holder.memberId !== memberId) return heartbeatError(ErrorCode.FENCED_INSTANCE_ID, fencedMessage)
  }
  if (member === undefined) return unknown(`Member ${memberId} is not a member of the group.`)
  return epochProblem(member, request) ?? { replaces: null }
}

const fullMessage = 'The consumer group has reached its maximum capacity.'
const fencedMessage = 'The instance id belongs to another member.'

/** Of two members with the new protocol the older one must have said that it goes away. */
function admitSuccessor(holder: ConsumerMember, { instanceId }: ConsumerHeartbeatRequest): Admission {
  if (holder.usesClassicProtocol || holder.memberEpoch === AWAY_EPOCH) return { replaces: holder }
  const message = `The instance id ${instanceId} is owned by member ${holder.memberId}.`
  return heartbeatError(ErrorCode.UNRELEASED_INSTANCE_ID, message)
}

/** The epoch before is accepted from a member that did not get the reply which moved it on. */
function epochProblem(
  member: ConsumerMember,
  request: ConsumerHeartbeatRequest,
): ConsumerHeartbeatReply | null {
  const { memberEpoch, previousMemberEpoch, assigned } = member.current
  const received = request.memberEpoch
  if (received === memberEpoch) return null
  const owned = request.topicPartitions
  const lostReply =
    received === previousMemberEpoch && owned !== null && isSubset(topicPartitionsOf(owned), assigned)
  if (received < memberEpoch && lostReply) return null
  const message =
    `The consumer group member has epoch ${received}, but the group coordinator knows epoch ${memberEpoch}. ` +
    'The member must abandon all its partitions and rejoin.'
  return heartbeatError(ErrorCode.FENCED_MEMBER_EPOCH, message)
}

function unknown(message: string): ConsumerHeartbeatReply {
  return heartbeatError(ErrorCode.UNKNOWN_MEMBER_ID, message)
}
