import { ErrorCode } from '../../protocol/errors.js'
import type { Group } from '../classic/group.js'
import { expectHeartbeat } from '../classic/members.js'
import { refusalOfConsumerCommit, refusalOfConsumerPartition } from '../consumer/offsets.js'
import type { GroupEffects } from '../events.js'
import type { GroupShard } from '../group-shard.js'
import { GROUPS_PER_SHARD_MAX } from '../limits.js'
import { type CommitReplyTopic, commitError, type TransactionCommitRequest } from '../requests.js'
import { commitOne } from './commit.js'

/** TxnOffsetCommit: offsets that count once the producer's transaction commits, and never if it aborts. */
export function commitTransactionOffsets(
  shard: GroupShard,
  request: TransactionCommitRequest,
  effects: GroupEffects,
): CommitReplyTopic[] {
  const group = shard.groups.get(request.groupId)
  const refusal = refusalOf(shard, group, request)
  if (refusal !== ErrorCode.NONE) return commitError(request.topics, refusal)
  const member = group?.members.get(request.memberId)
  if (member !== undefined) expectHeartbeat(member, effects)
  const producer = { id: request.producerId, epoch: request.producerEpoch }
  return request.topics.map((topic) => ({
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map((partition) => ({
      partitionIndex: partition.partitionIndex,
      errorCode:
        refusalOfConsumerPartition(shard.consumerGroups.get(request.groupId), request, {
          topicId: topic.topicId,
          partition: partition.partitionIndex,
        }) ||
        commitOne(
          shard,
          { request: { groupId: request.groupId, retentionTimeMs: -1 }, topic, partition, producer },
          effects,
        ),
    })),
  }))
}

/*
 * As OffsetCommit, but a producer that names no member is never refused for it: before version 3 it could not. Nor
 * does a rebalance refuse members, whose generation fences them already.
 */
function refusalOf(
  shard: GroupShard,
  group: Group | undefined,
  { groupId, memberId, groupInstanceId, generationId }: TransactionCommitRequest,
): number {
  const nameless = generationId < 0 && memberId === '' && groupInstanceId === null
  const consumerGroup = shard.consumerGroups.get(groupId)
  if (consumerGroup !== undefined) {
    const request = { memberId, generationId, knowsGroupIdNotFound: true }
    return nameless ? ErrorCode.NONE : refusalOfConsumerCommit(consumerGroup, request)
  }
  if (group === undefined) {
    if (generationId >= 0) return ErrorCode.ILLEGAL_GENERATION
    const full = shard.groupCount >= GROUPS_PER_SHARD_MAX
    return full ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE
  }
  if (nameless || (generationId < 0 && group.state === 'Empty')) return ErrorCode.NONE
  const invalid = group.validateMember(memberId, groupInstanceId)
  if (invalid !== ErrorCode.NONE) return invalid
  return generationId === group.generationId ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
}
