import { type AppendOutcome, type AppendResult, NO_RECORD_ERRORS } from '../log/append-result.js'
import { ErrorCode } from '../protocol/errors.js'
import type { ProduceRequest, ProduceResponse } from '../protocol/messages/produce.js'
import type { Draft } from '../protocol/schema.js'

export type ProduceAnswer = Draft<typeof ProduceResponse>
type TopicAnswer = ProduceAnswer['responses'][number]
export type PartitionAnswer = TopicAnswer['partitionResponses'][number]
type RequestTopic = ProduceRequest['topicData'][number]

export interface MutableTopicAnswer {
  readonly name: string
  readonly topicId: string
  readonly partitionResponses: PartitionAnswer[]
}

/** With room for exactly the answers it needs. */
export function topicAnswer({ name, topicId, partitionData }: RequestTopic): MutableTopicAnswer {
  return { name, topicId, partitionResponses: new Array(partitionData.length) }
}

/** Copies the fields, because the outcome is used again for the next partition. */
export function partitionAnswer(index: number, result: AppendOutcome | AppendResult): PartitionAnswer {
  return {
    index,
    errorCode: result.errorCode,
    baseOffset: result.baseOffset,
    logAppendTimeMs: result.logAppendTimeMs,
    logStartOffset: result.logStartOffset,
    recordErrors: result.recordErrors,
    errorMessage: result.errorMessage,
  }
}

export function errorAnswer(
  index: number,
  errorCode: number,
  errorMessage: string | null = null,
): PartitionAnswer {
  return {
    index,
    errorCode,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: NO_RECORD_ERRORS,
    errorMessage,
  }
}

export function allFailed(request: ProduceRequest, errorCode: number): ProduceAnswer {
  const responses = request.topicData.map((topic) => ({
    name: topic.name,
    topicId: topic.topicId,
    partitionResponses: topic.partitionData.map(({ index }) => errorAnswer(index, errorCode)),
  }))
  return { responses, throttleTimeMs: 0 }
}

export function firstError({ responses }: ProduceAnswer): number {
  for (const { partitionResponses } of responses) {
    for (const { errorCode } of partitionResponses) if (errorCode !== ErrorCode.NONE) return errorCode
  }
  return ErrorCode.NONE
}
