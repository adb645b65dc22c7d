import type { LogManager } from '../log/log-manager.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../protocol/messages/offset-for-leader-epoch.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'
import { ClientPartitions } from './client-partitions.js'

type RequestPartition = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number]
type PartitionAnswer = Draft<typeof OffsetForLeaderEpochResponse>['topics'][number]['partitions'][number]

/*
 * OffsetForLeaderEpoch v2-v4. v3 the client's role; v4 flexible. Where an epoch ended, so that a client can find out
 * whether what it read was cut off since.
 */
export const offsetForLeaderEpoch = ({ logs }: { readonly logs: LogManager }) => {
  const partitions = new ClientPartitions(logs)
  return api({
    key: ApiKey.OffsetForLeaderEpoch,
    min: 2,
    max: 4,
    request: OffsetForLeaderEpochRequest,
    response: OffsetForLeaderEpochResponse,
    handle: (request) => ({
      throttleTimeMs: 0,
      topics: request.topics.map(({ topic, partitions: asked }) => ({
        topic,
        partitions: asked.map((partition) => endOf(partitions, topic, partition)),
      })),
    }),
    onError: ({ topics }, code) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ topic, partitions: asked }) => ({
        topic,
        partitions: asked.map(({ partition }) => failure(partition, code)),
      })),
    }),
  })
}

function endOf(partitions: ClientPartitions, topic: string, asked: RequestPartition): PartitionAnswer {
  const partition = partitions.partition(topic, asked.partition)
  if (partition === undefined) return failure(asked.partition, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (!partition.readable) return failure(asked.partition, ErrorCode.KAFKA_STORAGE_ERROR)
  const epochError = partition.checkLeaderEpoch(asked.currentLeaderEpoch)
  if (epochError !== ErrorCode.NONE) return failure(asked.partition, epochError)
  const { epoch: leaderEpoch, endOffset } = partition.endOffsetForEpoch(asked.leaderEpoch)
  return { errorCode: ErrorCode.NONE, partition: asked.partition, leaderEpoch, endOffset }
}

function failure(partition: number, errorCode: number): PartitionAnswer {
  return { errorCode, partition, leaderEpoch: -1, endOffset: -1 }
}
