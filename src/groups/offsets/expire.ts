import { removeGroup } from '../classic/delete.js'
import type { Group } from '../classic/group.js'
import { removeConsumerGroup } from '../consumer/delete.js'
import type { ConsumerGroup } from '../consumer/group.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { CommittedOffset } from './store.js'

/**
 * Removes offsets nobody used for the retention time, and empty groups that hold none any more.
 *
 *   simple group               the time runs from the commit
 *   Empty                      from when the group became empty (from the commit when that is not known)
 *   Stable consumer group      from the commit, for topics nobody in the group is subscribed to
 *   any other                  nothing expires
 *
 * An offset with an expiry of its own goes by that.
 */
export function expireOffsets(shard: GroupShard, group: Group, effects: GroupEffects): void {
  const left = expire(shard, group, expiryBase(group), effects)
  const unused = group.state === 'Empty' && group.pendingMembers.size === 0
  if (!left && unused) removeGroup(group, effects)
}

/** Of a consumer group the time runs from the commit, for topics that no member subscribes to. */
export function expireConsumerOffsets(shard: GroupShard, group: ConsumerGroup, effects: GroupEffects): void {
  const left = expire(shard, group, sinceCommit, effects)
  if (!left && group.members.size === 0) removeConsumerGroup(group, effects)
}

/** True when the group has offsets left, also such as wait for the end of a transaction. */
function expire(
  shard: GroupShard,
  group: { readonly groupId: string; isSubscribedTo(topic: string): boolean },
  baseOf: ExpiryBase | null,
  effects: GroupEffects,
): boolean {
  const { groupId } = group
  let left = shard.offsets.groupHasPending(groupId)
  for (const [topic, partitions] of [...(shard.offsets.ofGroup(groupId) ?? [])]) {
    const subscribed = group.isSubscribedTo(topic)
    for (const [partition, offset] of [...partitions]) {
      const place = { group: groupId, topic, partition }
      const expired =
        baseOf !== null &&
        !subscribed &&
        !shard.offsets.hasPending(place) &&
        hasExpired(offset, baseOf(offset), shard.config.offsetsRetentionMs, effects.nowMs)
      if (expired) effects.append({ type: 'offset', ...place, value: null })
      else left = true
    }
  }
  return left
}

type ExpiryBase = (offset: CommittedOffset) => number

const sinceCommit: ExpiryBase = ({ value }) => value.commitTimestamp

function expiryBase(group: Group): ExpiryBase | null {
  if (group.protocolType === null) return sinceCommit
  if (group.state === 'Empty')
    return group.stateTimestampMs === -1 ? sinceCommit : () => group.stateTimestampMs
  return group.state === 'Stable' && group.subscribedTopics !== null ? sinceCommit : null
}

function hasExpired({ value }: CommittedOffset, baseMs: number, retentionMs: number, nowMs: number): boolean {
  return value.expireTimestamp === -1 ? nowMs - baseMs >= retentionMs : nowMs >= value.expireTimestamp
}
