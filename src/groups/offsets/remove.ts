import { ErrorCode } from '../../protocol/errors.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import type { DeleteOffsetsReply, DeleteOffsetsRequest } from '../requests.js'
import type { OffsetPlace } from './store.js'

/** OffsetDelete: not of topics the group is subscribed to, and of a group whose topics we cannot know not at all. */
export function deleteOffsets(
  shard: GroupShard,
  { groupId, topics }: DeleteOffsetsRequest,
  effects: GroupEffects,
): DeleteOffsetsReply {
  const consumerGroup = shard.consumerGroups.get(groupId)
  const group = shard.groups.get(groupId)
  if (consumerGroup !== undefined) {
    const isSubscribedTo = (topic: string) => consumerGroup.isSubscribedTo(topic)
    return removeTopics(shard, { groupId, topics }, isSubscribedTo, effects)
  }
  if (group === undefined) return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] }
  if (group.state !== 'Empty' && !group.isConsumerGroup) {
    return { errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] }
  }
  return removeTopics(shard, { groupId, topics }, (topic) => group.isSubscribedTo(topic), effects)
}

function removeTopics(
  shard: GroupShard,
  { groupId, topics }: DeleteOffsetsRequest,
  isSubscribedTo: (topic: string) => boolean,
  effects: GroupEffects,
): DeleteOffsetsReply {
  return {
    errorCode: ErrorCode.NONE,
    topics: topics.map(({ name, partitions }) => {
      const subscribed = isSubscribedTo(name)
      const errorCode = subscribed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE
      return {
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          if (!subscribed)
            removeOffset(shard, { group: groupId, topic: name, partition: partitionIndex }, effects)
          return { partitionIndex, errorCode }
        }),
      }
    }),
  }
}

/** Offsets into a topic that is gone would be taken for offsets into its next namesake. */
export function removeOffsetsOfTopics(
  shard: GroupShard,
  topics: readonly string[],
  effects: GroupEffects,
): void {
  for (const topic of topics) {
    for (const place of shard.offsets.placesOfTopic(topic)) {
      effects.append({ type: 'offset', ...place, value: null })
    }
  }
}

/** Whether the topic of an offset is gone; records of before Kafka 4.1 have the unset id, and only names to go by. */
export type TopicGone = (topic: string, topicId: string) => boolean

/** The same for offsets that were stored before the topic, or its namesake with another id, came to be gone. */
export function removeOffsetsOfGoneTopics(shard: GroupShard, isGone: TopicGone, effects: GroupEffects): void {
  const stale: OffsetPlace[] = []
  for (const [place, { value }] of shard.offsets.entries()) {
    if (isGone(place.topic, value.topicId)) stale.push(place)
  }
  for (const place of stale) effects.append({ type: 'offset', ...place, value: null })
  if (stale.length > 0) shard.notice('offsets of deleted topics removed', { offsets: stale.length })
}

function removeOffset(
  shard: GroupShard,
  place: { group: string; topic: string; partition: number },
  effects: GroupEffects,
): void {
  if (shard.offsets.get(place) === undefined && !shard.offsets.hasPending(place)) return
  effects.append({ type: 'offset', ...place, value: null })
}
