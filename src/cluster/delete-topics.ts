import { ErrorCode } from '../protocol/errors.js'
import type { MetadataImage, TopicImage } from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'
import { ACCEPTED, type Refusal, refuse } from './outcome.js'

/** A topic named by name or by id, never both. */
export interface TopicReference {
  readonly name: string | null
  readonly topicId: string | null
}

export interface DeletedTopic extends Refusal {
  readonly name: string | null
  readonly topicId: string | null
}

export function planDeleteTopics(
  topics: readonly TopicReference[],
  image: MetadataImage,
): { results: DeletedTopic[]; records: MetadataRecord[] } {
  const records: MetadataRecord[] = []
  const named = new Map<string, number>()
  for (const topic of topics) {
    const key = keyOf(topic, image)
    if (key !== null) named.set(key, (named.get(key) ?? 0) + 1)
  }
  const results: DeletedTopic[] = []
  const refusedKeys = new Set<string>()
  for (const reference of topics) {
    const key = keyOf(reference, image)
    const topic = resolve(reference, image)
    if (key !== null && (named.get(key) ?? 0) > 1) {
      // Mentioned more than once: one refusal stands for all mentions, and nothing is deleted.
      if (!refusedKeys.has(key)) results.push({ ...reference, ...duplicate(reference) })
      refusedKeys.add(key)
    } else if (topic === undefined) {
      results.push({ ...reference, ...notFound(reference) })
    } else {
      records.push({ type: 'RemoveTopic', value: { topicId: topic.id } })
      results.push({ name: topic.name, topicId: topic.id, ...ACCEPTED })
    }
  }
  return { results, records }
}

function duplicate({ name }: TopicReference): Refusal {
  return refuse(ErrorCode.INVALID_REQUEST, `Duplicate topic ${name === null ? 'id' : 'name'}.`)
}

function notFound({ name, topicId }: TopicReference): Refusal {
  if (name !== null && topicId !== null) {
    return refuse(ErrorCode.INVALID_REQUEST, 'You may not specify both topic name and topic id.')
  }
  if (name !== null) {
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.')
  }
  if (topicId !== null) {
    return refuse(ErrorCode.UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.')
  }
  return refuse(ErrorCode.INVALID_REQUEST, 'Neither topic name nor id were specified.')
}

function resolve({ name, topicId }: TopicReference, image: MetadataImage): TopicImage | undefined {
  if (name !== null && topicId !== null) return undefined
  if (name !== null) return image.topicByName(name)
  return topicId === null ? undefined : image.topicById(topicId)
}

function keyOf(reference: TopicReference, image: MetadataImage): string | null {
  const topic = resolve(reference, image)
  return topic?.id ?? reference.name ?? reference.topicId
}
