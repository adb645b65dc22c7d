import type { AssignorMember } from '../assignors/assignor.js'
import type { GroupEffects } from '../events.js'
import type { ConsumerEnvironment } from './environment.js'
import type { ConsumerGroup } from './group.js'
import type { MemberMetadata } from './member.js'
import { NO_PARTITIONS, samePartitions } from './partitions.js'
import { targetEntry, targetEpochEntry } from './records.js'
import { subscribedTopics } from './subscriptions.js'
import type { SubscribableTopic } from './topics.js'

/**
 * Computes the target of the present group epoch, unless the last one is too young: members that come close together
 * are then assigned together. Only targets that changed are written.
 */
export function updateTarget(
  group: ConsumerGroup,
  { topics, assignors, settingsOf }: ConsumerEnvironment,
  effects: GroupEffects,
  { atOnce = false } = {},
): void {
  const { groupId, groupEpoch } = group
  if (groupEpoch <= group.targetEpoch) return
  const ageMs = effects.nowMs - group.targetTimestampMs
  // A clock that was set back must not hold up the group.
  if (!atOnce && ageMs >= 0 && ageMs < settingsOf(groupId).assignmentIntervalMs) return
  const existing = new Map<string, SubscribableTopic>()
  for (const name of group.subscribedTopics()) {
    const topic = topics.byName(name)
    if (topic !== undefined) existing.set(name, topic)
  }
  const preferred = group.preferredAssignor()
  const assignor = assignors.find(({ name }) => name === preferred) ?? assignors[0]
  const byId = new Map([...existing.values()].map((topic) => [topic.id, topic]))
  const assignment = assignor?.assign(assignorMembers(group, existing), byId)
  for (const memberId of [...group.members.keys()].sort()) {
    const target = assignment?.get(memberId) ?? NO_PARTITIONS
    const written = group.hasTarget(memberId)
    if (written && samePartitions(target, group.target(memberId))) continue
    effects.append(targetEntry(groupId, memberId, target))
  }
  effects.append(targetEpochEntry(groupId, groupEpoch, effects.nowMs))
}

function assignorMembers(
  group: ConsumerGroup,
  existing: ReadonlyMap<string, SubscribableTopic>,
): AssignorMember[] {
  // Members that subscribe alike share one set, by which assignors know them.
  const sets = new Map<string, ReadonlySet<string>>()
  const topicIdsOf = (metadata: MemberMetadata) => {
    const key = JSON.stringify([metadata.subscribedTopicNames, metadata.subscribedTopicRegex])
    const names = sets.has(key) ? [] : [...subscribedTopics(group, metadata)]
    const set = sets.get(key) ?? new Set(names.flatMap((name) => existing.get(name)?.id ?? []))
    sets.set(key, set)
    return set
  }
  return [...group.members.values()].map(({ memberId, metadata }) => ({
    memberId,
    instanceId: metadata.instanceId,
    rackId: metadata.rackId,
    topicIds: topicIdsOf(metadata),
    assigned: group.target(memberId),
  }))
}
