import { ErrorCode } from '../../protocol/errors.js'
import { removeGroup } from '../classic/delete.js'
import type { Group } from '../classic/group.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { GROUPS_PER_SHARD_MAX } from '../limits.js'
import { ConsumerGroup } from './group.js'
import { upgrade, upgradedEntries } from './upgrade.js'

/** A group as it is or will be, undefined for one that comes into being with its first member. */
export interface Adopted {
  readonly group: ConsumerGroup | undefined
  /** Writes what makes a classic group of that name one of the consumer protocol. */
  convert(effects: GroupEffects): void
}

/**
 * Which group a member may join, or the error code. A classic group without members gives way, offsets stay; one with
 * members of the consumer protocol type becomes a consumer group with them, if the settings let it.
 */
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
  if (classic.state !== 'Empty') return upgraded(shard, classic)
  return { group: undefined, convert: (effects) => removeGroup(classic, effects) }
}

function upgraded(shard: GroupShard, classic: Group): Adopted | number {
  const { upgrades, groupMaxSize, topics } = shard.consumers
  const fits = upgrades && classic.members.size <= groupMaxSize
  const entries = fits ? upgradedEntries(classic, topics) : null
  if (entries === null) return ErrorCode.GROUP_ID_NOT_FOUND
  const group = new ConsumerGroup(classic.groupId)
  for (const entry of entries) group.apply(entry)
  return { group, convert: (effects) => upgrade(shard, classic, entries, effects) }
}
