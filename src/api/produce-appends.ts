import type { ProduceFacts } from '../log/append.js'
import { type AppendOutcome, type AppendResult, newOutcome, resetOutcome } from '../log/append-result.js'
import type { Partition } from '../log/partition.js'
import type { TransactionVerifier } from '../log/transaction-verifier.js'
import type { ProducedBatch } from '../log/verify.js'
import { ErrorCode } from '../protocol/errors.js'
import type { ProduceRequest } from '../protocol/messages/produce.js'
import type { RequestContext } from './api.js'
import { type ClientPartitions, isInternalTopic } from './client-partitions.js'
import {
  errorAnswer,
  type MutableTopicAnswer,
  type ProduceAnswer,
  partitionAnswer,
  topicAnswer,
} from './produce-answer.js'

/** The client id Kafka's own tools use to write internal topics. */
const ADMIN_CLIENT_ID = '__admin_client'

/** Where an answer that is not known yet belongs. */
interface Deferred {
  readonly topic: MutableTopicAnswer
  readonly at: number
  readonly result: Promise<AppendResult>
}

/** One for the whole room: appends of one request never wait between partitions. */
const outcome: AppendOutcome = newOutcome()
const batch: ProducedBatch = { position: 0, length: 0, frame: 0, verdict: 0 }
const facts: ProduceFacts = { ticket: 0, acks: 0, apiVersion: 0, transactionalId: null, verifier: null }

/** The appends of one Produce request: submitted in order, `count` of them under the request's ticket. */
export class ProduceAppends {
  readonly answer: { readonly responses: MutableTopicAnswer[]; readonly throttleTimeMs: number }
  readonly ticket: number
  count = 0
  private readonly deferred: Deferred[] = []
  private readonly submitted: { readonly partition: Partition; readonly baseOffset: number }[] = []

  constructor(
    private readonly partitions: ClientPartitions,
    request: ProduceRequest,
    context: RequestContext<ProduceAnswer>,
    under: { readonly ticket: number; readonly verifier: TransactionVerifier | null },
  ) {
    const { ticket, verifier } = under
    this.answer = { responses: [], throttleTimeMs: 0 }
    this.ticket = ticket
    batch.frame = context.frame
    batch.verdict = context.verdict
    facts.ticket = ticket
    facts.acks = request.acks
    facts.apiVersion = context.apiVersion
    facts.transactionalId = request.transactionalId
    facts.verifier = verifier
    const admin = context.client.clientId === ADMIN_CLIENT_ID
    for (const topic of request.topicData) this.appendTopic(topic, admin)
  }

  get complete(): boolean {
    return this.deferred.length === 0
  }

  /** Puts the late answers in their places. */
  async settleDeferred(): Promise<void> {
    for (const { topic, at, result } of this.deferred) {
      const index = topic.partitionResponses[at]?.index ?? -1
      topic.partitionResponses[at] = partitionAnswer(index, await result)
    }
  }

  /** True once every append is in its log; false for good when one failed. */
  written(): boolean {
    return this.submitted.every(({ partition, baseOffset }) => partition.logEndOffset > baseOffset)
  }

  /** The answer when some append of the ticket was not written: those past the end of their log failed. */
  failedAnswer(): ProduceAnswer {
    for (const topic of this.answer.responses) {
      for (const [at, { index, errorCode, baseOffset }] of topic.partitionResponses.entries()) {
        if (errorCode !== ErrorCode.NONE) continue
        const partition = this.partitions.find(topic, index)
        if (partition !== undefined && baseOffset < partition.logEndOffset) continue
        const message = 'The batch was not written because the disk failed'
        topic.partitionResponses[at] = errorAnswer(index, ErrorCode.KAFKA_STORAGE_ERROR, message)
      }
    }
    return this.answer
  }

  private appendTopic(topic: ProduceRequest['topicData'][number], admin: boolean): void {
    const answer = topicAnswer(topic)
    this.answer.responses.push(answer)
    const name = topic.name === '' ? this.partitions.topicName(topic.topicId) : topic.name
    const forbidden = name !== undefined && !admin && isInternalTopic(name)
    for (const { index, records } of topic.partitionData) {
      if (forbidden) {
        const message = `Cannot append to internal topic ${name}`
        answer.partitionResponses.push(errorAnswer(index, ErrorCode.INVALID_TOPIC_EXCEPTION, message))
      } else {
        batch.position = records?.position ?? 0
        batch.length = records?.length ?? 0
        this.appendPartition(topic, index, answer)
      }
    }
  }

  private appendPartition(
    topic: ProduceRequest['topicData'][number],
    index: number,
    answer: MutableTopicAnswer,
  ): void {
    const partition = this.partitions.find(topic, index)
    if (partition === undefined) {
      resetOutcome(outcome)
      outcome.errorCode = this.partitions.unknownCode(topic)
    } else {
      partition.appendProduced(batch, facts, outcome)
      if (outcome.submitted) this.submitted.push({ partition, baseOffset: outcome.baseOffset })
    }
    if (outcome.submitted) this.count++
    if (outcome.deferred !== null) {
      this.deferred.push({ topic: answer, at: answer.partitionResponses.length, result: outcome.deferred })
    }
    answer.partitionResponses.push(partitionAnswer(index, outcome))
  }
}
