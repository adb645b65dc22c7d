import type { Partition } from '../log/partition.js'
import { newReadQuery, resetReadResult } from '../log/read.js'
import { Reads } from '../log/reads.js'
import { ErrorCode } from '../protocol/errors.js'
import { FetchBudget } from './budget.js'
import type { FetchPartition } from './fetch-partition.js'

/** Where partitions are found; the log manager. */
export interface PartitionSource {
  partition(topic: string, partition: number): Partition | undefined
  partitionById(topicId: string, partition: number): Partition | undefined
  topicName(topicId: string): string | undefined
}

export interface ReadSummary {
  bytes: number
  /** An error or a diverging epoch: the client should hear of it now. */
  urgent: boolean
}

/** One of each for the whole room: the reads of one request are over before the next begins. */
const query = newReadQuery()
const reads = new Reads()

/** Reads every partition in order into its `result`, within the budget. */
export function readPartitions(
  source: PartitionSource,
  partitions: Iterable<FetchPartition>,
  options: { readonly bytesMax: number; readonly isolation: number },
): ReadSummary {
  const summary = { bytes: 0, urgent: false }
  reads.begin(new FetchBudget(options.bytesMax), options.isolation)
  query.isolation = options.isolation
  for (const wanted of partitions) {
    const partition = resolve(source, wanted)
    if (partition === undefined) {
      resetReadResult(wanted.result, unknownCode(source, wanted))
      continue
    }
    query.offset = wanted.fetchOffset
    query.maxBytes = wanted.maxBytes
    query.currentLeaderEpoch = wanted.currentLeaderEpoch
    query.lastFetchedEpoch = wanted.lastFetchedEpoch
    reads.add(partition, query, wanted.result)
  }
  reads.end()
  for (const { result } of partitions) {
    summary.bytes += result.length
    if (result.errorCode !== ErrorCode.NONE || result.divergingEpoch >= 0) summary.urgent = true
  }
  return summary
}

function resolve(source: PartitionSource, wanted: FetchPartition): Partition | undefined {
  const known = wanted.source
  if (known !== undefined && known.status !== 'closed') return known
  wanted.source =
    wanted.topic === ''
      ? source.partitionById(wanted.topicId, wanted.partition)
      : source.partition(wanted.topic, wanted.partition)
  return wanted.source
}

function unknownCode(source: PartitionSource, { topic, topicId }: FetchPartition): ErrorCode {
  const unknownId = topic === '' && source.topicName(topicId) === undefined
  return unknownId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}
