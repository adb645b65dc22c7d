import { ErrorCode } from '../../protocol/errors.js'
import { refusalOfConsumerFetch } from '../consumer/offsets.js'
import type { GroupShard } from '../group-shard.js'
import type { FetchedOffset, FetchOffsetsReply, FetchOffsetsRequest } from '../requests.js'
import type { OffsetPlace } from './store.js'

/** OffsetFetch. What was never committed is offset -1, also for a group nobody knows. */
export function fetchOffsets(shard: GroupShard, request: FetchOffsetsRequest): FetchOffsetsReply {
  const { groupId: group, requireStable } = request
  const consumerGroup = shard.consumerGroups.get(group)
  if (consumerGroup !== undefined) {
    const { memberId = null, memberEpoch = -1 } = request
    const errorCode = refusalOfConsumerFetch(consumerGroup, { memberId, memberEpoch })
    if (errorCode !== ErrorCode.NONE) return { errorCode, topics: [] }
  }
  const topics = request.topics ?? committedBy(shard, group)
  return {
    errorCode: ErrorCode.NONE,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partition) =>
        fetchOne(shard, { group, topic: name, partition }, requireStable),
      ),
    })),
  }
}

function committedBy(shard: GroupShard, group: string): { name: string; partitionIndexes: number[] }[] {
  const topics = shard.offsets.ofGroup(group) ?? new Map<string, Map<number, unknown>>()
  return [...topics].map(([name, partitions]) => ({ name, partitionIndexes: [...partitions.keys()] }))
}

function fetchOne(shard: GroupShard, place: OffsetPlace, requireStable: boolean): FetchedOffset {
  const partitionIndex = place.partition
  const unstable = requireStable && shard.offsets.hasPending(place)
  const committed = unstable ? undefined : shard.offsets.get(place)
  return {
    partitionIndex,
    committedOffset: committed?.offset ?? -1,
    committedLeaderEpoch: committed?.leaderEpoch ?? -1,
    metadata: committed?.metadata ?? '',
    errorCode: unstable ? ErrorCode.UNSTABLE_OFFSET_COMMIT : ErrorCode.NONE,
  }
}
