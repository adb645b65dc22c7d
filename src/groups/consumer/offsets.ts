import { ErrorCode } from '../../protocol/errors.js'
import type { CommitRequest } from '../requests.js'
import type { ConsumerGroup } from './group.js'

/** Who may commit to a consumer group: the error code for the whole request. */
export function refusalOfConsumerCommit(
  group: ConsumerGroup,
  request: Pick<CommitRequest, 'memberId' | 'generationId' | 'knowsGroupIdNotFound'>,
): number {
  const { memberId, generationId } = request
  if (generationId < 0 && group.members.size === 0) return ErrorCode.NONE
  const member = group.members.get(memberId)
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  const { usesClassicProtocol, memberEpoch } = member
  // Version 9 brought the codes that members of this protocol understand.
  if (!usesClassicProtocol && !request.knowsGroupIdNotFound) return ErrorCode.UNSUPPORTED_VERSION
  if (usesClassicProtocol) return generationId === memberEpoch ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
  return generationId > memberEpoch ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.NONE
}

/** A member that has not heard of its new epoch may commit what it got by the epoch it knows and still has. */
export function refusalOfConsumerPartition(
  group: ConsumerGroup | undefined,
  request: Pick<CommitRequest, 'memberId' | 'generationId'>,
  { topicId, partition }: { readonly topicId: string; readonly partition: number },
): number {
  const member = group?.members.get(request.memberId)
  if (member === undefined || request.generationId === member.memberEpoch) return ErrorCode.NONE
  const { assigned, pendingRevocation } = member.current
  const epoch = assigned.get(topicId)?.get(partition) ?? pendingRevocation.get(topicId)?.get(partition)
  const stale = epoch === undefined || request.generationId < epoch
  return stale ? ErrorCode.STALE_MEMBER_EPOCH : ErrorCode.NONE
}

/** Admin clients name no member; a member must be in the epoch it names. */
export function refusalOfConsumerFetch(
  group: ConsumerGroup,
  { memberId, memberEpoch }: { readonly memberId: string | null; readonly memberEpoch: number },
): number {
  if (memberId === null && memberEpoch < 0) return ErrorCode.NONE
  const member = memberId === null ? undefined : group.members.get(memberId)
  if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  if (memberEpoch === member.memberEpoch) return ErrorCode.NONE
  return member.usesClassicProtocol ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.STALE_MEMBER_EPOCH
}
