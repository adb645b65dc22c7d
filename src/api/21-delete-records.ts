import type { LogManager } from '../log/log-manager.js'
import { storageErrorCode } from '../log/storage-error.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../protocol/messages/delete-records.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'
import { ClientPartitions, isInternalTopic } from './client-partitions.js'
import { answerEachPartition, refuseEachPartition } from './each-partition.js'

type PartitionAnswer = Draft<typeof DeleteRecordsResponse>['topics'][number]['partitions'][number]

/** Stands for the high watermark. */
const TO_THE_END = -1

const DELETIONS_MAX = 32

/*
 * DeleteRecords v0-v2. v2 flexible. Answers the new log start offset, below which nothing is readable any more.
 */
export const deleteRecords = ({ logs }: { readonly logs: LogManager }) => {
  const partitions = new ClientPartitions(logs)
  return api({
    key: ApiKey.DeleteRecords,
    min: 0,
    max: 2,
    request: DeleteRecordsRequest,
    response: DeleteRecordsResponse,
    async handle(request) {
      const topics = await answerEachPartition(request.topics, DELETIONS_MAX, (name, partition) =>
        deleteBefore(partitions, { name, ...partition }),
      )
      return { throttleTimeMs: 0, topics }
    },
    onError: ({ topics }, code) => ({
      throttleTimeMs: 0,
      topics: refuseEachPartition(topics, (partitionIndex) => failure(partitionIndex, code)),
    }),
  })
}

async function deleteBefore(
  partitions: ClientPartitions,
  asked: { readonly name: string; readonly partitionIndex: number; readonly offset: number },
): Promise<PartitionAnswer> {
  const { name, partitionIndex } = asked
  if (isInternalTopic(name)) return failure(partitionIndex, ErrorCode.INVALID_TOPIC_EXCEPTION)
  const partition = partitions.partition(name, partitionIndex)
  if (partition === undefined) return failure(partitionIndex, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (!partition.readable) return failure(partitionIndex, ErrorCode.KAFKA_STORAGE_ERROR)
  if (!partition.config.cleanupPolicy.has('delete'))
    return failure(partitionIndex, ErrorCode.POLICY_VIOLATION)
  const offset = asked.offset === TO_THE_END ? partition.highWatermark : asked.offset
  if (offset < 0 || offset > partition.highWatermark) {
    return failure(partitionIndex, ErrorCode.OFFSET_OUT_OF_RANGE)
  }
  try {
    await partition.deleteRecordsBefore(offset)
    return { partitionIndex, lowWatermark: partition.logStartOffset, errorCode: ErrorCode.NONE }
  } catch (error) {
    return failure(partitionIndex, storageErrorCode(partition, error))
  }
}

function failure(partitionIndex: number, errorCode: number): PartitionAnswer {
  return { partitionIndex, lowWatermark: -1, errorCode }
}
