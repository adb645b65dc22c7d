import type { MetadataImage, TopicImage } from '../cluster/metadata-image.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { OffsetCommitRequest, OffsetCommitResponse } from '../protocol/messages/offset-commit.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'

type RequestTopic = OffsetCommitRequest['topics'][number]
type ReplyTopic = Draft<typeof OffsetCommitResponse>['topics'][number]

interface Rooms {
  readonly groups: GroupCoordinator
  readonly view: { readonly image: MetadataImage }
}

/*
 * OffsetCommit v2-v10. v2 to v4 may ask for a retention time; v6 leader epochs; v7 static members; v9 unknown groups
 * are GROUP_ID_NOT_FOUND; v10 topics by id.
 */
export const offsetCommit = ({ groups, view }: Rooms) =>
  api({
    key: ApiKey.OffsetCommit,
    min: 2,
    max: 10,
    request: OffsetCommitRequest,
    response: OffsetCommitResponse,
    async handle(request, { apiVersion }) {
      const byId = apiVersion >= 10
      const { known, refused } = sort(request.topics, view.image, byId)
      if (known.length === 0) return { topics: refused }
      const committed = await groups.commitOffsets({
        groupId: request.groupId,
        generationId: request.generationIdOrMemberEpoch,
        memberId: request.memberId,
        groupInstanceId: request.groupInstanceId,
        retentionTimeMs: request.retentionTimeMs,
        topics: known,
        knowsGroupIdNotFound: apiVersion >= 9,
      })
      return { topics: merge(committed, refused) }
    },
    onError: ({ topics }, errorCode) => ({ topics: topics.map((topic) => refusal(topic, errorCode)) }),
  })

/** Splits off what does not exist; what remains has both name and id. */
function sort(
  topics: readonly RequestTopic[],
  image: MetadataImage,
  byId: boolean,
): { known: RequestTopic[]; refused: ReplyTopic[] } {
  const known: RequestTopic[] = []
  const refused: ReplyTopic[] = []
  for (const topic of topics) {
    const found = byId ? image.topicById(topic.topicId) : image.topicByName(topic.name)
    if (found === undefined) {
      refused.push(refusal(topic, byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
      continue
    }
    const named = { ...topic, name: found.name, topicId: found.id }
    const partitions = named.partitions.filter((partition) => exists(found, partition))
    const missing = named.partitions.filter((partition) => !exists(found, partition))
    if (partitions.length > 0) known.push({ ...named, partitions })
    if (missing.length > 0) {
      refused.push(refusal({ ...named, partitions: missing }, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    }
  }
  return { known, refused }
}

function exists({ partitions }: TopicImage, { partitionIndex }: { partitionIndex: number }): boolean {
  return partitionIndex >= 0 && partitionIndex < partitions.length
}

function refusal({ name, topicId, partitions }: RequestTopic, errorCode: number): ReplyTopic {
  return {
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }
}

/** A topic that was partly refused appears once. */
function merge(committed: readonly ReplyTopic[], refused: readonly ReplyTopic[]): readonly ReplyTopic[] {
  if (refused.length === 0) return committed
  const refusedTopics = [...refused]
  const merged = committed.map((topic) => {
    const index = refusedTopics.findIndex(({ topicId }) => topicId === topic.topicId)
    const partner = index < 0 ? undefined : refusedTopics.splice(index, 1)[0]
    return partner === undefined
      ? topic
      : { ...topic, partitions: [...topic.partitions, ...partner.partitions] }
  })
  return [...merged, ...refusedTopics]
}
