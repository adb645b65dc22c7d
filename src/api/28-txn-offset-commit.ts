import type { MetadataImage } from '../cluster/metadata-image.js'
import { type GroupCoordinator, OFFSETS_TOPIC } from '../groups/group-coordinator.js'
import type { TransactionVerifier } from '../log/transaction-verifier.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../protocol/messages/txn-offset-commit.js'
import { api } from './api.js'
import { clientError } from './transaction-errors.js'

type RequestTopic = TxnOffsetCommitRequest['topics'][number]

interface Rooms {
  readonly groups: Pick<GroupCoordinator, 'partitionFor' | 'commitTransactionOffsets'>
  readonly verifier: TransactionVerifier
  readonly view: { readonly image: MetadataImage }
}

/** PRODUCER_FENCED is no answer of this request: clients take INVALID_PRODUCER_EPOCH for it. */
const known = { fencedSince: Number.POSITIVE_INFINITY, abortableSince: 4 }
const ADDS_IMPLICITLY_SINCE = 5

/*
 * TxnOffsetCommit v0-v5. v2 leader epochs; v3 flexible, the group fences by member; v4 TRANSACTION_ABORTABLE; v5 the
 * group joins the transaction by this request.
 */
export const txnOffsetCommit = ({ groups, verifier, view }: Rooms) =>
  api({
    key: ApiKey.TxnOffsetCommit,
    min: 0,
    max: 5,
    request: TxnOffsetCommitRequest,
    response: TxnOffsetCommitResponse,
    async handle({ transactionalId, ...request }, { apiVersion }) {
      const codes = new Map<string, number>()
      const topics = request.topics.flatMap((topic) => knownPart(topic, view.image))
      if (topics.length > 0) {
        const { groupId, producerId, producerEpoch } = request
        const partition = groups.partitionFor(groupId)
        const addImplicitly = apiVersion >= ADDS_IMPLICITLY_SINCE
        const place = { topic: OFFSETS_TOPIC, partition }
        const committed = await groups.commitTransactionOffsets({ ...request, topics }, () =>
          verifier.verify({ transactionalId, producerId, producerEpoch, ...place, addImplicitly }),
        )
        for (const { name, partitions } of committed) {
          for (const { partitionIndex, errorCode } of partitions) {
            codes.set(`${name}-${partitionIndex}`, clientError(errorCode, apiVersion, known))
          }
        }
      }
      const { UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode
      return reply(
        request.topics,
        (name, index) => codes.get(`${name}-${index}`) ?? UNKNOWN_TOPIC_OR_PARTITION,
      )
    },
    onError: ({ topics }, errorCode) => reply(topics, () => errorCode),
  })

/** The topic with those of its partitions that exist; nothing when there are none. */
function knownPart(topic: RequestTopic, image: MetadataImage) {
  const found = image.topicByName(topic.name)
  if (found === undefined) return []
  const partitions = topic.partitions.filter(
    ({ partitionIndex }) => found.partitions[partitionIndex] !== undefined,
  )
  return partitions.length === 0 ? [] : [{ name: topic.name, topicId: found.id, partitions }]
}

function reply(topics: readonly RequestTopic[], codeOf: (name: string, partition: number) => number) {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOf(name, partitionIndex),
      })),
    })),
  }
}
