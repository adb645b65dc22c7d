import type { MetadataImage } from '../cluster/metadata-image.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import type { DeleteOffsetsReply } from '../groups/requests.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../protocol/messages/offset-delete.js'
import { api } from './api.js'

type RequestTopic = OffsetDeleteRequest['topics'][number]
type ReplyTopic = OffsetDeleteResponse['topics'][number]

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
      const { known, unknown } = sortOut(topics, view.image)
      const reply = await groups.deleteOffsets({ groupId, topics: known })
      // An error of the whole request stands alone.
      const refused = reply.errorCode === ErrorCode.NONE ? unknown : []
      return { ...reply, throttleTimeMs: 0, topics: merged([...reply.topics, ...refused]) }
    },
    onError: (_request, errorCode) => ({ errorCode, throttleTimeMs: 0, topics: [] }),
  })

/** Partitions that exist, and the answer for those that do not. */
function sortOut(topics: readonly RequestTopic[], image: MetadataImage) {
  const known: RequestTopic[] = []
  const unknown: ReplyTopic[] = []
  for (const { name, partitions } of topics) {
    const count = image.topicByName(name)?.partitions.length ?? 0
    const isKnown = ({ partitionIndex }: { partitionIndex: number }) =>
      partitionIndex >= 0 && partitionIndex < count
    const there = partitions.filter(isKnown)
    const missing = partitions.filter((partition) => !isKnown(partition))
    if (there.length > 0) known.push({ name, partitions: there })
    if (missing.length > 0) unknown.push({ name, partitions: missing.map(unknownPartition) })
  }
  return { known, unknown }
}

function unknownPartition({ partitionIndex }: { readonly partitionIndex: number }) {
  return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
}

/** A topic is named once, whatever became of its partitions. */
function merged(answers: DeleteOffsetsReply['topics']): ReplyTopic[] {
  const byName = new Map<string, ReplyTopic>()
  for (const { name, partitions } of answers) {
    byName.set(name, { name, partitions: [...(byName.get(name)?.partitions ?? []), ...partitions] })
  }
  return [...byName.values()]
}
