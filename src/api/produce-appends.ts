import type { ProduceFacts } from '../log/append.js'
import { type AppendOutcome, type AppendResult, newOutcome, resetOutcome } from '../log/append-result.js'
import type { Partition } from '../log/partition.js'
import type { TransactionVerifier } from '../log/transaction-verifier.js'
import type { ProducedBatch } from '../log/verify.js'
import { ErrorCode } from '../protocol/errors.js'
import type { ProduceRequest } from '../protocol/messages/produce.js'
import type { AttachOptions, RequestContext } from './api.js'
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

type Topic = ProduceRequest['topicData'][number]

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

/**
 * The appends of one Produce request: submitted in order, `appendCount` of them under the request's ticket. Most
 * requests have one, so lists begin with the second.
 */
export class ProduceAppends implements AttachOptions<ProduceAnswer> {
  readonly answer: { readonly responses: MutableTopicAnswer[]; readonly throttleTimeMs: number }
  readonly ticket: number
  appendCount = 0
  private deferred: Deferred[] | null = null
  private first: Partition | null = null
  private firstOffset = 0
  private others: { readonly partition: Partition; readonly baseOffset: number }[] | null = null

  constructor(
    private readonly partitions: ClientPartitions,
    request: ProduceRequest,
    context: RequestContext<ProduceAnswer>,
    under: { readonly ticket: number; readonly verifier: TransactionVerifier | null },
  ) {
    const { ticket, verifier } = under
    const { topicData } = request
    // Exact: growing by push would reserve 17 elements for the usual one.
    this.answer = { responses: new Array(topicData.length), throttleTimeMs: 0 }
    this.ticket = ticket
    batch.frame = context.frame
    batch.verdict = context.verdict
    facts.ticket = ticket
    facts.acks = request.acks
    facts.apiVersion = context.apiVersion
    facts.transactionalId = request.transactionalId
    facts.verifier = verifier
    const admin = context.client.clientId === ADMIN_CLIENT_ID
    for (let at = 0; at < topicData.length; at++) {
      this.answer.responses[at] = this.appendTopic(topicData[at] as Topic, admin)
    }
  }

  get complete(): boolean {
    return this.deferred === null
  }

  /** Puts the late answers in their places. */
  async settleDeferred(): Promise<void> {
    for (const { topic, at, result } of this.deferred ?? []) {
      const index = topic.partitionResponses[at]?.index ?? -1
      topic.partitionResponses[at] = partitionAnswer(index, await result)
    }
  }

  /** True once every append is in its log; false for good when one failed. */
  written(): boolean {
    if (this.first !== null && this.first.logEndOffset <= this.firstOffset) return false
    if (this.others === null) return true
    return this.others.every(({ partition, baseOffset }) => partition.logEndOffset > baseOffset)
  }

  /** The answer when some append of the ticket was not written: those past the end of their log failed. */
  onFailure(): ProduceAnswer {
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

  private appendTopic(topic: Topic, admin: boolean): MutableTopicAnswer {
    const answer = topicAnswer(topic)
    const name = topic.name === '' ? this.partitions.topicName(topic.topicId) : topic.name
    const forbidden = name !== undefined && !admin && isInternalTopic(name)
    const { partitionData } = topic
    for (let at = 0; at < partitionData.length; at++) {
      const { index, records } = partitionData[at] as Topic['partitionData'][number]
      if (forbidden) {
        const message = `Cannot append to internal topic ${name}`
        answer.partitionResponses[at] = errorAnswer(index, ErrorCode.INVALID_TOPIC_EXCEPTION, message)
      } else {
        batch.position = records?.position ?? 0
        batch.length = records?.length ?? 0
        this.appendPartition(topic, index, answer, at)
      }
    }
    return answer
  }

  private appendPartition(topic: Topic, index: number, answer: MutableTopicAnswer, at: number): void {
    const partition = this.partitions.find(topic, index)
    if (partition === undefined) {
      resetOutcome(outcome)
      outcome.errorCode = this.partitions.unknownCode(topic)
    } else {
      partition.appendProduced(batch, facts, outcome)
      if (outcome.submitted) this.submitted(partition, outcome.baseOffset)
    }
    if (outcome.deferred !== null) {
      this.deferred ??= []
      this.deferred.push({ topic: answer, at, result: outcome.deferred })
    }
    answer.partitionResponses[at] = partitionAnswer(index, outcome)
  }

  private submitted(partition: Partition, baseOffset: number): void {
    if (this.appendCount++ === 0) {
      this.first = partition
      this.firstOffset = baseOffset
    } else {
      this.others ??= []
      this.others.push({ partition, baseOffset })
    }
  }
}
