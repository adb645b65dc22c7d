import type { TransactionalProducer } from '../../coordinator/state-machine.js'
import { ErrorCode } from '../../protocol/errors.js'
import type { Group } from '../classic/group.js'
import { expectHeartbeat } from '../classic/members.js'
import { refusalOfConsumerCommit, refusalOfConsumerPartition } from '../consumer/offsets.js'
import type { GroupEntry } from '../entries.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { GROUPS_PER_SHARD_MAX } from '../limits.js'
import { type CommitReplyTopic, type CommitRequest, commitError } from '../requests.js'

type CommitPartition = CommitRequest['topics'][number]['partitions'][number]

/** OffsetCommit. Who may commit is decided for the whole request, whether metadata is too large per partition. */
export function commitOffsets(
  shard: GroupShard,
  request: CommitRequest,
  effects: GroupEffects,
): CommitReplyTopic[] {
  const group = shard.groups.get(request.groupId)
  const refusal = refusalOf(shard, group, request)
  if (refusal !== ErrorCode.NONE) return commitError(request.topics, refusal)
  keepSession(group, request.memberId, effects)
  return request.topics.map((topic) => ({
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map((partition) => ({
      partitionIndex: partition.partitionIndex,
      errorCode:
        refusalOfConsumerPartition(shard.consumerGroups.get(request.groupId), request, {
          topicId: topic.topicId,
          partition: partition.partitionIndex,
        }) || commitOne(shard, { request, topic, partition }, effects),
    })),
  }))
}

/*
 *   consumer group     see refusalOfConsumerCommit
 *   unknown group      a simple consumer (generation -1) may create it, nobody else commits
 *   Empty              a simple consumer may commit
 *   CompletingRebalance   REBALANCE_IN_PROGRESS to members of the generation
 *   other states       members of the generation commit
 */
function refusalOf(shard: GroupShard, group: Group | undefined, request: CommitRequest): number {
  const { memberId, groupInstanceId, generationId } = request
  const consumerGroup = shard.consumerGroups.get(request.groupId)
  if (consumerGroup !== undefined) return refusalOfConsumerCommit(consumerGroup, request)
  if (group === undefined) {
    if (generationId >= 0) {
      return request.knowsGroupIdNotFound ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION
    }
    const full = shard.groupCount >= GROUPS_PER_SHARD_MAX
    return full ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE
  }
  if (generationId < 0 && group.state === 'Empty') return ErrorCode.NONE
  if (generationId < 0 && memberId === '' && groupInstanceId === null) return ErrorCode.UNKNOWN_MEMBER_ID
  const invalid = group.validateMember(memberId, groupInstanceId)
  if (invalid !== ErrorCode.NONE) return invalid
  if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  return group.state === 'CompletingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}

/** A commit is a sign of life. */
function keepSession(group: Group | undefined, memberId: string, effects: GroupEffects): void {
  const member = group?.members.get(memberId)
  if (member !== undefined) expectHeartbeat(member, effects)
}

interface Commit {
  readonly request: Pick<CommitRequest, 'groupId' | 'retentionTimeMs'>
  readonly topic: Pick<CommitRequest['topics'][number], 'name' | 'topicId'>
  readonly partition: CommitPartition
  /** Whose transaction the offset is part of, if it is. */
  readonly producer?: TransactionalProducer
}

export function commitOne(shard: GroupShard, commit: Commit, effects: GroupEffects): number {
  const { request, topic, partition, producer } = commit
  const metadata = partition.committedMetadata ?? ''
  if (metadata.length > shard.config.offsetMetadataBytesMax) return ErrorCode.OFFSET_METADATA_TOO_LARGE
  const { retentionTimeMs } = request
  const entry: GroupEntry = {
    type: 'offset',
    group: request.groupId,
    topic: topic.name,
    partition: partition.partitionIndex,
    value: {
      offset: partition.committedOffset,
      leaderEpoch: Math.max(partition.committedLeaderEpoch, -1),
      metadata,
      commitTimestamp: effects.nowMs,
      expireTimestamp: retentionTimeMs < 0 ? -1 : expiryOf(effects.nowMs, retentionTimeMs),
      topicId: topic.topicId,
    },
  }
  effects.append(entry, producer)
  return ErrorCode.NONE
}

function expiryOf(nowMs: number, retentionTimeMs: number): number {
  return Math.min(nowMs + retentionTimeMs, Number.MAX_SAFE_INTEGER)
}
