import type { LogManager } from '../log/log-manager.js'
import { SpecialTimestamp } from '../log/offset-for-timestamp.js'
import { storageErrorCode } from '../log/storage-error.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { ListOffsetsRequest, ListOffsetsResponse } from '../protocol/messages/list-offsets.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'
import { ClientPartitions } from './client-partitions.js'
import { answerEachPartition, refuseEachPartition } from './each-partition.js'

type RequestPartition = ListOffsetsRequest['topics'][number]['partitions'][number]
type PartitionAnswer = Draft<typeof ListOffsetsResponse>['topics'][number]['partitions'][number]

/** Searches by timestamp one request may have under way in the engine. */
const SEARCHES_MAX = 64

/** The first version in which a timestamp has its special meaning. */
const SPECIAL_SINCE: ReadonlyMap<number, number> = new Map([
  [SpecialTimestamp.latest, 1],
  [SpecialTimestamp.earliest, 1],
  [SpecialTimestamp.max, 7],
  [SpecialTimestamp.earliestLocal, 8],
  [SpecialTimestamp.latestTiered, 9],
  [SpecialTimestamp.earliestPendingUpload, 11],
])

/*
 * ListOffsets v1-v11. v2 isolation level; v4 leader epochs; v6 flexible; v7 to v11 more special timestamps.
 */
export const listOffsets = ({ logs }: { readonly logs: LogManager }) => {
  const partitions = new ClientPartitions(logs)
  return api({
    key: ApiKey.ListOffsets,
    min: 1,
    max: 11,
    request: ListOffsetsRequest,
    response: ListOffsetsResponse,
    async handle(request, { apiVersion }) {
      const topics = await answerEachPartition(request.topics, SEARCHES_MAX, (name, partition) =>
        search(partitions, { ...partition, name, isolation: request.isolationLevel, apiVersion }),
      )
      return { throttleTimeMs: 0, topics }
    },
    onError: ({ topics }, code) => ({
      throttleTimeMs: 0,
      topics: refuseEachPartition(topics, (partitionIndex) => failure(partitionIndex, code)),
    }),
  })
}

async function search(
  partitions: ClientPartitions,
  asked: RequestPartition & { name: string; isolation: number; apiVersion: number },
): Promise<PartitionAnswer> {
  const { name, partitionIndex, timestamp, isolation } = asked
  const partition = partitions.partition(name, partitionIndex)
  if (partition === undefined) return failure(partitionIndex, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (timestamp < 0 && asked.apiVersion < (SPECIAL_SINCE.get(timestamp) ?? Number.POSITIVE_INFINITY)) {
    return failure(partitionIndex, ErrorCode.UNSUPPORTED_VERSION)
  }
  if (!partition.readable) return failure(partitionIndex, ErrorCode.KAFKA_STORAGE_ERROR)
  const epochError = partition.checkLeaderEpoch(asked.currentLeaderEpoch)
  if (epochError !== ErrorCode.NONE) return failure(partitionIndex, epochError)
  try {
    const found = await partition.offsetForTimestamp({ timestamp, isolation })
    if (found === null) return failure(partitionIndex, ErrorCode.NONE)
    return { partitionIndex, errorCode: ErrorCode.NONE, ...found }
  } catch (error) {
    return failure(partitionIndex, storageErrorCode(partition, error))
  }
}

function failure(partitionIndex: number, errorCode: number): PartitionAnswer {
  return { partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }
}
