import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { Group } from './group.js'

/** Deletes an empty group with its offsets; returns the error code of the reply. */
export function deleteGroup(shard: GroupShard, groupId: string, effects: GroupEffects): number {
  const group = shard.groups.get(groupId)
  if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND
  if (group.state !== 'Empty') return ErrorCode.NON_EMPTY_GROUP
  for (const place of shard.offsets.placesOfGroup(groupId)) {
    effects.append({ type: 'offset', ...place, value: null })
  }
  removeGroup(group, effects)
  return ErrorCode.NONE
}

/** Writes the tombstone of an empty group; who was given an id and comes late is unknown to its successor. */
export function removeGroup(group: Group, effects: GroupEffects): void {
  for (const timer of group.timers()) effects.cancel(timer)
  group.transitionTo('Dead', effects.nowMs)
  effects.append({ type: 'group', group: group.groupId, value: null })
}
