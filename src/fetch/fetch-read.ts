import type { Partition } from '../log/partition.js'
import { Reads } from '../log/reads.js'
import { ErrorCode } from '../protocol/errors.js'
import { FetchBudget } from './budget.js'
import type { FetchRows } from './fetch-rows.js'

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

/** One for the whole room: the reads of one request are over before the next begins. */
const reads = new Reads()

/** Reads every partition in order, within the budget. */
export function readPartitions(
  source: PartitionSource,
  rows: FetchRows,
  options: { readonly bytesMax: number; readonly isolation: number },
): ReadSummary {
  const summary = { bytes: 0, urgent: false }
  reads.begin(rows, new FetchBudget(options.bytesMax), options.isolation)
  for (let row = rows.first; row >= 0; row = rows.next(row)) {
    const partition = resolve(source, rows, row)
    if (partition === undefined) rows.fail(row, unknownCode(source, rows, row))
    else reads.add(partition, row)
  }
  reads.end()
  for (let row = rows.first; row >= 0; row = rows.next(row)) {
    summary.bytes += rows.length(row)
    if (rows.errorCode(row) !== ErrorCode.NONE || rows.divergingEpoch(row) >= 0) summary.urgent = true
  }
  return summary
}

function resolve(source: PartitionSource, rows: FetchRows, row: number): Partition | undefined {
  const known = rows.source(row)
  if (known !== undefined && known.status !== 'closed') return known
  const { topic, topicId } = rows.topicOf(row)
  const partition = rows.partition(row)
  const found = topic === '' ? source.partitionById(topicId, partition) : source.partition(topic, partition)
  rows.setSource(row, found)
  return found
}

function unknownCode(source: PartitionSource, rows: FetchRows, row: number): ErrorCode {
  const { topic, topicId } = rows.topicOf(row)
  const unknownId = topic === '' && source.topicName(topicId) === undefined
  return unknownId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}
