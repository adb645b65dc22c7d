import { CONSUMER_PROTOCOL_TYPE } from '../classic/group.js'
import { expectHeartbeat } from '../classic/members.js'
import { prepareRebalance } from '../classic/rebalance.js'
import { recordBytes } from '../classic/records.js'
import type { GroupMetadataEntry } from '../entries.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { RECORD_BYTES_MAX } from '../limits.js'
import { removeConsumerGroup } from './delete.js'
import { assignmentBlob } from './embedded.js'
import type { ConsumerGroup } from './group.js'
import type { ConsumerMember } from './member.js'
import type { TopicSource } from './topics.js'

/** True when, `without` one of them, all members speak the classic protocol, and may be left to themselves. */
export function canDowngrade(
  shard: GroupShard,
  group: ConsumerGroup,
  without: ConsumerMember | null,
): boolean {
  const stay = [...group.members.values()].filter((member) => member !== without)
  const { downgrades } = shard.consumers
  const fits = stay.length > 0 && stay.length <= shard.config.groupMaxSize
  return downgrades && fits && stay.every(({ usesClassicProtocol }) => usesClassicProtocol)
}

/**
 * Those who stay form a classic group of the same name, and rebalance. False when they would not fit the one record
 * that a classic group has: then the group stays as it is, which members of the classic protocol can live in.
 */
export function downgrade(
  shard: GroupShard,
  group: ConsumerGroup,
  without: ConsumerMember | null,
  effects: GroupEffects,
): boolean {
  const { groupId } = group
  const stay = [...group.members.values()].filter((member) => member !== without)
  const entry = classicEntry(group, stay, { topics: shard.consumers.topics, nowMs: effects.nowMs })
  if (recordBytes(entry) > RECORD_BYTES_MAX) return false
  removeConsumerGroup(group, effects)
  effects.append(entry)
  const classic = shard.group(groupId)
  for (const { memberId, metadata } of stay) {
    const member = classic.members.get(memberId)
    if (member === undefined) continue
    classic.setProtocols(member, metadata.classicMemberMetadata?.supportedProtocols ?? [])
    expectHeartbeat(member, effects)
  }
  prepareRebalance(classic, shard.config, effects)
  shard.notice('consumer group becomes a classic group', { group: groupId })
  return true
}

function classicEntry(
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
  { topics, nowMs }: { readonly topics: TopicSource; readonly nowMs: number },
): GroupMetadataEntry {
  const protocol = commonProtocol(members)
  return {
    type: 'group',
    group: group.groupId,
    value: {
      protocolType: CONSUMER_PROTOCOL_TYPE,
      generation: group.groupEpoch,
      protocol,
      leader: members[0]?.memberId ?? null,
      currentStateTimestamp: nowMs,
      members: members.map(({ memberId, metadata, current }) => {
        const { classicMemberMetadata: classic } = metadata
        const offered = classic?.supportedProtocols ?? []
        const subscription = (offered.find(({ name }) => name === protocol) ?? offered[0])?.metadata
        return {
          memberId,
          groupInstanceId: metadata.instanceId,
          clientId: metadata.clientId,
          clientHost: metadata.clientHost,
          rebalanceTimeout: metadata.rebalanceTimeoutMs,
          sessionTimeout: classic?.sessionTimeoutMs ?? 0,
          subscription: subscription ?? Buffer.alloc(0),
          assignment: assignmentBlob(current.assigned, subscription, topics),
        }
      }),
    },
  }
}

function commonProtocol(members: readonly ConsumerMember[]): string | null {
  const [first = [], ...others] = members.map(
    ({ metadata }) => metadata.classicMemberMetadata?.supportedProtocols ?? [],
  )
  const common = first.find(({ name }) =>
    others.every((offered) => offered.some((each) => each.name === name)),
  )
  return (common ?? first[0])?.name ?? null
}
