import { ErrorCode } from '../../protocol/errors.js'
import type { ConsumerGroupDescribeResponse } from '../../protocol/messages/consumer-group-describe.js'
import type { ConsumerGroupHeartbeatRequest } from '../../protocol/messages/consumer-group-heartbeat.js'
import { MEMBER_NAME_BYTES_MAX, SUBSCRIPTION_BYTES_MAX } from '../limits.js'
import { AWAY_EPOCH, LEAVE_EPOCH } from './member.js'

export interface ConsumerHeartbeatRequest extends ConsumerGroupHeartbeatRequest {
  readonly clientId: string
  /** As stored in the group's records, with Kafka's leading slash. */
  readonly clientHost: string
  /** From v1 a member makes its own id. */
  readonly requireMemberId: boolean
}

export interface ConsumerHeartbeatReply {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  readonly assignment: { readonly topicPartitions: { topicId: string; partitions: number[] }[] } | null
}

export function heartbeatError(
  errorCode: number,
  errorMessage: string | null = null,
): ConsumerHeartbeatReply {
  const nothing = { memberId: null, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null }
  return { errorCode, errorMessage, ...nothing }
}

export type DescribedConsumerGroup = Omit<
  ConsumerGroupDescribeResponse['groups'][number],
  'authorizedOperations'
>

/** What is wrong with a heartbeat whatever the group is, or null. */
export function problemOf(
  request: ConsumerHeartbeatRequest,
  assignorNames: readonly string[],
): ConsumerHeartbeatReply | null {
  const invalid = invalidity(request)
  if (invalid !== null) return heartbeatError(ErrorCode.INVALID_REQUEST, invalid)
  const { serverAssignor } = request
  if (serverAssignor !== null && !assignorNames.includes(serverAssignor)) {
    const supported = assignorNames.join(', ')
    const wanted = serverAssignor.slice(0, 100)
    const message = `ServerAssignor ${wanted} is not supported. Supported assignors: ${supported}.`
    return heartbeatError(ErrorCode.UNSUPPORTED_ASSIGNOR, message)
  }
  return null
}

function invalidity(request: ConsumerHeartbeatRequest): string | null {
  const { groupId, memberId, memberEpoch, instanceId, rackId } = request
  if (groupId.trim() === '') return "GroupId can't be empty."
  if (instanceId?.trim() === '') return "InstanceId can't be empty."
  if (rackId?.trim() === '') return "RackId can't be empty."
  const names = [memberId, instanceId ?? '', rackId ?? '', request.clientId]
  if (names.some((name) => Buffer.byteLength(name) > MEMBER_NAME_BYTES_MAX)) return 'A name is too long.'
  if (subscriptionBytes(request) > SUBSCRIPTION_BYTES_MAX) return 'The subscription is too large.'
  if (memberId.trim() === '' && (memberEpoch !== 0 || request.requireMemberId)) {
    return "MemberId can't be empty."
  }
  if (memberEpoch === AWAY_EPOCH) return instanceId === null ? "InstanceId can't be null." : null
  if (memberEpoch < LEAVE_EPOCH)
    return `MemberEpoch is ${memberEpoch}, but must be greater than or equal to -2.`
  return memberEpoch === 0 ? invalidityOfJoin(request) : null
}

function subscriptionBytes({ subscribedTopicNames, subscribedTopicRegex }: ConsumerHeartbeatRequest): number {
  let bytes = Buffer.byteLength(subscribedTopicRegex ?? '')
  for (const name of subscribedTopicNames ?? []) bytes += Buffer.byteLength(name)
  return bytes
}

function invalidityOfJoin(request: ConsumerHeartbeatRequest): string | null {
  if (request.rebalanceTimeoutMs === -1) return 'RebalanceTimeoutMs must be provided in first request.'
  if (request.topicPartitions === null || request.topicPartitions.length > 0) {
    return 'TopicPartitions must be empty when (re-)joining.'
  }
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
    return 'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.'
  }
  return null
}
