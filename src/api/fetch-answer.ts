import type { FetchContext } from '../fetch/fetch-context.js'
import type { FetchPartition } from '../fetch/fetch-partition.js'
import { Isolation } from '../log/read.js'
import { ErrorCode } from '../protocol/errors.js'
import type { FetchResponse } from '../protocol/messages/fetch.js'
import type { Draft } from '../protocol/schema.js'

export type FetchAnswer = Draft<typeof FetchResponse>
type PartitionAnswer = FetchAnswer['responses'][number]['partitions'][number]

interface Dialect {
  readonly apiVersion: number
  readonly isolation: number
}

/** From this version on clients understand KAFKA_STORAGE_ERROR. */
const STORAGE_ERROR_SINCE = 6

const NO_RECORDS = Buffer.alloc(0)

export function fetchError(errorCode: number): FetchAnswer {
  return { throttleTimeMs: 0, errorCode, sessionId: 0, responses: [] }
}

/** What was read last, in the order of serving; neighbours of one topic share an entry. */
export function fetchAnswer(context: FetchContext, dialect: Dialect): FetchAnswer {
  const responses: { topic: string; topicId: string; partitions: PartitionAnswer[] }[] = []
  for (const partition of context.answer()) {
    const { topic, topicId } = partition
    let last = responses.at(-1)
    if (last?.topic !== topic || last.topicId !== topicId) {
      last = { topic, topicId, partitions: [] }
      responses.push(last)
    }
    last.partitions.push(partitionAnswer(partition, dialect))
  }
  return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, sessionId: context.sessionId(), responses }
}

function partitionAnswer({ partition, result }: FetchPartition, dialect: Dialect): PartitionAnswer {
  const { highWatermark, lastStableOffset, logStartOffset, length, log, segment, position } = result
  const aborted = dialect.isolation === Isolation.readCommitted && result.errorCode === ErrorCode.NONE
  const answer = {
    partitionIndex: partition,
    errorCode: errorFor(result.errorCode, dialect.apiVersion),
    highWatermark,
    lastStableOffset,
    logStartOffset,
    abortedTransactions: aborted ? result.aborted : null,
    preferredReadReplica: -1,
    records: length === 0 ? NO_RECORDS : { slice: { log, segment, position }, length },
  }
  if (result.divergingEpoch < 0) return answer
  const divergingEpoch = { epoch: result.divergingEpoch, endOffset: result.divergingEndOffset }
  return { ...answer, divergingEpoch }
}

function errorFor(errorCode: ErrorCode, apiVersion: number): ErrorCode {
  const storage = errorCode === ErrorCode.KAFKA_STORAGE_ERROR && apiVersion < STORAGE_ERROR_SINCE
  return storage ? ErrorCode.NOT_LEADER_OR_FOLLOWER : errorCode
}
