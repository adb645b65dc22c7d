import type { MetadataImage } from '../cluster/metadata-image.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../protocol/messages/offset-delete.js'
import { api } from './api.js'

type RequestTopic = OffsetDeleteRequest['topics'][number]

interface Rooms {
  readonly groups: GroupCoordinator
  readonly view: { readonly image: MetadataImage }
}

/* OffsetDelete v0. */
export const offsetDelete = ({ groups, view }: Rooms) =>
  api({
    key: ApiKey.OffsetDelete,
    min: 0,
    max: 0,
    request: OffsetDeleteRequest,
    response: OffsetDeleteResponse,
    async handle({ groupId, topics }) {
      const isKnown = ({ name }: RequestTopic) => view.image.topicByName(name) !== undefined
      const unknown = topics.filter((topic) => !isKnown(topic))
      const reply = await groups.deleteOffsets({ groupId, topics: topics.filter(isKnown) })
      // An error of the whole request stands alone.
      const refused = reply.errorCode === ErrorCode.NONE ? unknown.map(unknownTopic) : []
      return { ...reply, throttleTimeMs: 0, topics: [...reply.topics, ...refused] }
    },
    onError: (_request, errorCode) => ({ errorCode, throttleTimeMs: 0, topics: [] }),
  })

function unknownTopic({ name, partitions }: RequestTopic) {
  const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) }
}
