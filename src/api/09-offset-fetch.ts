import type { MetadataImage } from '../cluster/metadata-image.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import type { FetchOffsetsReply, FetchOffsetsRequest } from '../groups/requests.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { OffsetFetchRequest, OffsetFetchResponse } from '../protocol/messages/offset-fetch.js'
import { UNSET_UUID } from '../protocol/reader.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'

type RequestGroup = OffsetFetchRequest['groups'][number]
type ReplyGroup = NonNullable<Draft<typeof OffsetFetchResponse>['groups']>[number]
type ReplyTopic = ReplyGroup['topics'][number]

interface Rooms {
  readonly groups: GroupCoordinator
  readonly view: { readonly image: MetadataImage }
}

/*
 * OffsetFetch v1-v10. v2 null topics means all, and a top-level error; v7 offsets of open transactions can be waited
 * for; v8 several groups; v9 the epoch of a member of a consumer group; v10 topics by id.
 */
export const offsetFetch = ({ groups, view }: Rooms) =>
  api({
    key: ApiKey.OffsetFetch,
    min: 1,
    max: 10,
    request: OffsetFetchRequest,
    response: OffsetFetchResponse,
    async handle(request, { apiVersion }) {
      const { requireStable } = request
      if (apiVersion >= 8) {
        const fetched = request.groups.map((group) =>
          fetchGroup({ groups, view }, { group, requireStable, apiVersion }),
        )
        return { groups: await Promise.all(fetched) }
      }
      const { groupId, topics } = request
      const reply = await groups.fetchOffsets({ groupId, topics, requireStable })
      // Version 1 has no place for an error but the partitions.
      const failed = apiVersion < 2 && reply.errorCode !== ErrorCode.NONE
      return failed
        ? singleError(request, reply.errorCode)
        : { topics: reply.topics, errorCode: reply.errorCode }
    },
    onError: (request, errorCode) => ({
      ...singleError(request, errorCode),
      groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })),
    }),
  })

interface GroupQuery {
  readonly group: RequestGroup
  readonly requireStable: boolean
  readonly apiVersion: number
}

async function fetchGroup({ groups, view }: Rooms, query: GroupQuery): Promise<ReplyGroup> {
  const { group, requireStable, apiVersion } = query
  const { groupId, memberId, memberEpoch } = group
  const member = { memberId, memberEpoch }
  if (apiVersion < 10) {
    const topics = group.topics as FetchOffsetsRequest['topics']
    return { groupId, ...(await groups.fetchOffsets({ ...member, groupId, topics, requireStable })) }
  }
  const { image } = view
  const names = group.topics?.flatMap(({ topicId, partitionIndexes }) => {
    const name = image.topicById(topicId)?.name
    return name === undefined ? [] : [{ name, partitionIndexes }]
  })
  const reply = await groups.fetchOffsets({ ...member, groupId, topics: names ?? null, requireStable })
  const unknown = group.topics?.filter(({ topicId }) => image.topicById(topicId) === undefined) ?? []
  const topics = [...withIds(reply.topics, image), ...unknown.map(unknownTopic)]
  return { groupId, topics: reply.errorCode === ErrorCode.NONE ? topics : [], errorCode: reply.errorCode }
}

/** Offsets of a topic that no longer exists have no id to be told under, and are left out. */
function withIds(topics: FetchOffsetsReply['topics'], image: MetadataImage): ReplyTopic[] {
  return topics.flatMap((topic) => {
    const topicId = image.topicByName(topic.name)?.id
    return topicId === undefined ? [] : [{ ...topic, topicId }]
  })
}

function unknownTopic({
  topicId,
  partitionIndexes,
}: NonNullable<RequestGroup['topics']>[number]): ReplyTopic {
  return {
    name: '',
    topicId,
    partitions: partitionIndexes.map((index) => noOffset(index, ErrorCode.UNKNOWN_TOPIC_ID)),
  }
}

function singleError({ topics }: OffsetFetchRequest, errorCode: number): Draft<typeof OffsetFetchResponse> {
  return {
    errorCode,
    topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      topicId: UNSET_UUID,
      partitions: partitionIndexes.map((index) => noOffset(index, errorCode)),
    })),
  }
}

function noOffset(partitionIndex: number, errorCode: number) {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode }
}
