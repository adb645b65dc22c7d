import type { Wait } from '../../coordinator/wait.js'
import { ErrorCode } from '../../protocol/errors.js'
import { CONSUMER_PROTOCOL_TYPE } from '../classic/group.js'
import { join } from '../classic/join.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { bytesOfProtocols } from '../held.js'
import { SUBSCRIPTION_BYTES_MAX } from '../limits.js'
import { type JoinReply, type JoinRequest, joinError } from '../requests.js'
import { classicProtocolName, expectClassicStep } from './classic-member.js'
import { removeConsumerGroup } from './delete.js'
import { canDowngrade, downgrade } from './downgrade.js'
import { type Subscription, subscriptionOf } from './embedded.js'
import { bytesOfMetadata, type ConsumerGroup } from './group.js'
import type { ConsumerMember, MemberMetadata } from './member.js'
import { memberEntry } from './records.js'
import { updateTarget } from './target.js'
import { expectConsumerHeartbeat, reconcileMember, takeOver, updateEpoch } from './transitions.js'

interface Join {
  readonly request: JoinRequest
  readonly wait: Wait<JoinReply>
}

/**
 * JoinGroup to a group of the consumer protocol. One without members becomes classic again, offsets stay. To one with
 * members it is a heartbeat in other clothes: the broker assigns, so nobody leads, and the generation is the epoch
 * of the member.
 */
export function joinConsumerGroup(
  shard: GroupShard,
  group: ConsumerGroup,
  { request, wait }: Join,
  effects: GroupEffects,
): void {
  const { memberId, protocols, groupInstanceId } = request
  if (group.members.size === 0) {
    // What cannot begin a group must not end one either.
    const begins = memberId === '' && request.protocolType !== '' && protocols.length > 0
    if (begins) removeConsumerGroup(group, effects)
    if (begins) join(shard, request, wait, effects)
    else effects.reply(wait, joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId))
    return
  }
  const subscription = protocols[0] && subscriptionOf(protocols[0].metadata, shard.consumers.topics)
  const refusal = subscription ? refusalOf(shard, group, request) : ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  if (!subscription || refusal !== ErrorCode.NONE) {
    effects.reply(wait, joinError(refusal, memberId))
    return
  }
  const newId = `${groupInstanceId ?? request.clientId}-${shard.random.uuidText()}`
  if (memberId === '' && groupInstanceId === null && request.requireKnownMemberId) {
    effects.reply(wait, joinError(ErrorCode.MEMBER_ID_REQUIRED, newId))
    return
  }
  const holder = groupInstanceId === null ? undefined : group.staticMember(groupInstanceId)
  if (holder !== undefined && memberId === '') takeOver(group, holder, newId, effects)
  const joining = { shard, group, request, subscription, memberId: memberId === '' ? newId : memberId }
  effects.reply(wait, replyOf(admit(joining, effects)))
  // The last member with the new protocol may just have been replaced.
  if (canDowngrade(shard, group, null)) downgrade(shard, group, null, effects)
}

function refusalOf(shard: GroupShard, group: ConsumerGroup, request: JoinRequest): number {
  const { memberId, groupInstanceId } = request
  if (!supports(group, request)) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  const bytes = bytesOfProtocols(request.protocols)
  if (bytes > SUBSCRIPTION_BYTES_MAX) return ErrorCode.INVALID_REQUEST
  const holder = groupInstanceId === null ? undefined : group.staticMember(groupInstanceId)
  const member = group.members.get(memberId) ?? holder
  const added = bytes - (member === undefined ? 0 : bytesOfMetadata(member.metadata))
  const overload = shard.refusalOfLoad({ bytes: added, isNew: member === undefined })
  if (overload !== ErrorCode.NONE) return overload
  if (groupInstanceId !== null && memberId !== '') {
    if (holder === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (holder.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  const isNew = holder === undefined && !group.members.has(memberId)
  const full = group.members.size >= shard.consumers.groupMaxSize
  return isNew && full ? ErrorCode.GROUP_MAX_SIZE_REACHED : ErrorCode.NONE
}

interface Joining {
  readonly shard: GroupShard
  readonly group: ConsumerGroup
  readonly request: JoinRequest
  readonly subscription: Subscription
  readonly memberId: string
}

function admit(
  { shard, group, request, subscription, memberId }: Joining,
  effects: GroupEffects,
): ConsumerMember {
  const before = group.members.get(memberId)?.metadata
  const metadata: MemberMetadata = {
    instanceId: request.groupInstanceId,
    rackId: subscription.rackId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
    subscribedTopicRegex: null,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    serverAssignor: null,
    classicMemberMetadata: {
      sessionTimeoutMs: request.sessionTimeoutMs,
      supportedProtocols: request.protocols.map(({ name, metadata: blob }) => ({ name, metadata: blob })),
    },
  }
  effects.append(memberEntry(group.groupId, memberId, metadata))
  const member = group.member(memberId)
  const topics = metadata.subscribedTopicNames.join()
  const bump = before?.subscribedTopicNames.join() !== topics || Boolean(before.subscribedTopicRegex)
  updateEpoch(shard, group, { bump }, effects)
  // A member that is told to rejoin would do so at once, again and again, if its new target were delayed.
  updateTarget(group, shard.consumers, effects, { atOnce: true })
  reconcileMember(group, member, subscription.owned, effects)
  expectConsumerHeartbeat(member, request.sessionTimeoutMs, effects)
  effects.cancel(member.rebalanceTimer)
  expectClassicStep(member, effects)
  return member
}

/** Some protocol is offered by the caller and by every member that speaks the classic protocol. */
function supports(group: ConsumerGroup, { protocolType, protocols, memberId }: JoinRequest): boolean {
  if (protocolType !== CONSUMER_PROTOCOL_TYPE) return false
  const others = [...group.members.values()].flatMap((member) =>
    member.memberId === memberId ? [] : (member.metadata.classicMemberMetadata ?? []),
  )
  return protocols.some(({ name }) =>
    others.every(({ supportedProtocols }) => supportedProtocols.some((each) => each.name === name)),
  )
}

function replyOf(member: ConsumerMember): JoinReply {
  return {
    ...joinError(ErrorCode.NONE, member.memberId),
    generationId: member.memberEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    protocolName: classicProtocolName(member),
  }
}
