import type { MetadataImage } from '../cluster/metadata-image.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../protocol/messages/add-partitions-to-txn.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'
import { clientError } from './transaction-errors.js'

interface Rooms {
  readonly transactions: Pick<TransactionCoordinator, 'addPartitions' | 'verify'>
  readonly view: { readonly image: MetadataImage }
}

type Transaction = AddPartitionsToTxnRequest['transactions'][number]
type Topics = Transaction['topics']
type Place = { readonly topic: string; readonly partition: number }

const known = { fencedSince: 2, abortableSince: 5 }

/*
 * AddPartitionsToTxn v0-v5. v2 PRODUCER_FENCED; v3 flexible; v4 several transactions, from brokers, which may only
 * want to know; v5 TRANSACTION_ABORTABLE. When one partition does not exist, none is added.
 */
export const addPartitionsToTxn = ({ transactions, view }: Rooms) =>
  api({
    key: ApiKey.AddPartitionsToTxn,
    min: 0,
    max: 5,
    request: AddPartitionsToTxnRequest,
    response: AddPartitionsToTxnResponse,
    async handle(request, { apiVersion }) {
      if (apiVersion >= 4) {
        const results = request.transactions.map(async (transaction) => {
          const codes = await codesOf({ transactions, view }, transaction, {
            apiVersion,
            transactionVersion: 2,
          })
          return {
            transactionalId: transaction.transactionalId,
            topicResults: resultsOf(transaction.topics, codes),
          }
        })
        return { errorCode: ErrorCode.NONE, resultsByTransaction: await Promise.all(results) }
      }
      const transaction = {
        transactionalId: request.v3AndBelowTransactionalId,
        producerId: request.v3AndBelowProducerId,
        producerEpoch: request.v3AndBelowProducerEpoch,
        verifyOnly: false,
        topics: request.v3AndBelowTopics,
      }
      const codes = await codesOf({ transactions, view }, transaction, { apiVersion, transactionVersion: 0 })
      return { resultsByTopicV3AndBelow: resultsOf(transaction.topics, codes) }
    },
    onError: ({ transactions: asked, v3AndBelowTopics }, code) => ({
      errorCode: code,
      resultsByTransaction: asked.map(({ transactionalId, topics }) => ({
        transactionalId,
        topicResults: resultsOf(topics, () => code),
      })),
      resultsByTopicV3AndBelow: resultsOf(v3AndBelowTopics, () => code),
    }),
  })

async function codesOf(
  { transactions, view: { image } }: Rooms,
  transaction: Transaction,
  { apiVersion, transactionVersion }: { apiVersion: number; transactionVersion: number },
): Promise<(place: Place) => number> {
  const { verifyOnly, topics, ...producer } = transaction
  const exists = ({ topic, partition }: Place) =>
    image.topicByName(topic)?.partitions[partition] !== undefined
  if (verifyOnly) {
    const codes = new Map<string, number>()
    for (const place of placesOf(topics)) {
      const code = await transactions.verify(producer, place)
      codes.set(keyOf(place), clientError(code, apiVersion, known))
    }
    return (place) => codes.get(keyOf(place)) as number
  }
  if (!placesOf(topics).every(exists)) {
    return (place) =>
      exists(place) ? ErrorCode.OPERATION_NOT_ATTEMPTED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
  const added = topics.map(({ name, partitions }) => ({ topic: name, partitions }))
  const code = await transactions.addPartitions({
    ...producer,
    topics: added,
    transactionVersion,
    patient: false,
  })
  return () => clientError(code, apiVersion, known)
}

function placesOf(topics: Topics): Place[] {
  return topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ topic: name, partition })))
}

const keyOf = ({ topic, partition }: Place) => `${topic}-${partition}`

function resultsOf(topics: Topics, codeOf: (place: Place) => number) {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: codeOf({ topic: name, partition: partitionIndex }),
    })),
  }))
}
