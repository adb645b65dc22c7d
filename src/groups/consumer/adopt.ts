import { ErrorCode } from '../../protocol/errors.js'
import { removeGroup } from '../classic/delete.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { GROUPS_PER_SHARD_MAX } from '../limits.js'
import type { ConsumerGroup } from './group.js'

/** A group as it is or will be, undefined for one that comes into being with its first member. */
export interface Adopted {
  readonly group: ConsumerGroup | undefined
  /** Writes what makes a classic group of that name one of the consumer protocol. */
  convert(effects: GroupEffects): void
}

/** Which group a member may join, or the error code. A classic group without members gives way, offsets stay. */
export function groupForJoin(shard: GroupShard, groupId: string, joins: boolean): Adopted | number {
  const group = shard.consumerGroups.get(groupId)
  if (group !== undefined) return { group, convert: () => {} }
  if (!joins) return ErrorCode.GROUP_ID_NOT_FOUND
  const classic = shard.groups.get(groupId)
  if (classic === undefined) {
    return shard.groupCount >= GROUPS_PER_SHARD_MAX
      ? ErrorCode.COORDINATOR_NOT_AVAILABLE
      : { group: undefined, convert: () => {} }
  }
  if (classic.state !== 'Empty') return ErrorCode.GROUP_ID_NOT_FOUND
  return { group: undefined, convert: (effects) => removeGroup(classic, effects) }
}
