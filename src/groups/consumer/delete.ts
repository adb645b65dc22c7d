import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { ConsumerGroup } from './group.js'
import { groupTombstones } from './records.js'

/** Deletes an empty group with its offsets; returns the error code of the reply. */
export function deleteConsumerGroup(shard: GroupShard, group: ConsumerGroup, effects: GroupEffects): number {
  if (group.members.size > 0) return ErrorCode.NON_EMPTY_GROUP
  for (const place of shard.offsets.placesOfGroup(group.groupId)) {
    effects.append({ type: 'offset', ...place, value: null })
  }
  removeConsumerGroup(group, effects)
  return ErrorCode.NONE
}

/** Takes back every record of the group; its offsets are another's concern. */
export function removeConsumerGroup(group: ConsumerGroup, effects: GroupEffects): void {
  for (const timer of group.timers()) effects.cancel(timer)
  for (const entry of groupTombstones(group)) effects.append(entry)
}
