import type { LogManager } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from '../protocol/messages/describe-producers.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'
import { ClientPartitions } from './client-partitions.js'

type PartitionAnswer = Draft<typeof DescribeProducersResponse>['topics'][number]['partitions'][number]

/*
 * DescribeProducers v0: who writes to a partition, and where the transactions that hold back its last stable offset
 * began.
 */
export const describeProducers = ({ logs }: { readonly logs: LogManager }) => {
  const partitions = new ClientPartitions(logs)
  return api({
    key: ApiKey.DescribeProducers,
    min: 0,
    max: 0,
    request: DescribeProducersRequest,
    response: DescribeProducersResponse,
    handle: ({ topics }) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => describe(partitions.partition(name, index), index)),
      })),
    }),
    onError: ({ topics }, code) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => failure(index, code)),
      })),
    }),
  })
}

function describe(partition: Partition | undefined, partitionIndex: number): PartitionAnswer {
  if (partition === undefined) return failure(partitionIndex, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (!partition.readable) return failure(partitionIndex, ErrorCode.KAFKA_STORAGE_ERROR)
  const { producers } = partition
  const activeProducers = [...producers.all()].map(([producerId, entry]) => ({
    producerId,
    producerEpoch: entry.epoch,
    lastSequence: entry.lastSequence,
    lastTimestamp: entry.lastTimestamp,
    coordinatorEpoch: entry.coordinatorEpoch,
    currentTxnStartOffset: producers.transactions.firstOffsetOf(producerId),
  }))
  return { partitionIndex, errorCode: ErrorCode.NONE, errorMessage: null, activeProducers }
}

function failure(partitionIndex: number, errorCode: number): PartitionAnswer {
  return { partitionIndex, errorCode, errorMessage: null, activeProducers: [] }
}
