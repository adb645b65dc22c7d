import { removeGroup } from '../classic/delete.js'
import type { Group } from '../classic/group.js'
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
  const { groupId } = group
  const baseOf = expiryBase(group)
  let left = 0
  for (const [topic, partitions] of [...(shard.offsets.ofGroup(groupId) ?? [])]) {
    for (const [partition, offset] of [...partitions]) {
      const place = { group: groupId, topic, partition }
      const expired =
        baseOf !== null &&
        !group.isSubscribedTo(topic) &&
        !shard.offsets.hasPending(place) &&
        hasExpired(offset, baseOf(offset), shard.config.offsetsRetentionMs, effects.nowMs)
      if (expired) effects.append({ type: 'offset', ...place, value: null })
      else left++
    }
  }
  const unused = group.state === 'Empty' && group.pendingMembers.size === 0
  if (left === 0 && unused && !shard.offsets.groupHasPending(groupId)) removeGroup(group, effects)
}

type ExpiryBase = (offset: CommittedOffset) => number

function expiryBase(group: Group): ExpiryBase | null {
  const committed: ExpiryBase = ({ value }) => value.commitTimestamp
  if (group.protocolType === null) return committed
  if (group.state === 'Empty') return group.stateTimestampMs === -1 ? committed : () => group.stateTimestampMs
  return group.state === 'Stable' && group.subscribedTopics !== null ? committed : null
}

function hasExpired({ value }: CommittedOffset, baseMs: number, retentionMs: number, nowMs: number): boolean {
  return value.expireTimestamp === -1 ? nowMs - baseMs >= retentionMs : nowMs >= value.expireTimestamp
}
