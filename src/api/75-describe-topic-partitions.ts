import type { MetadataImage, TopicImage } from '../cluster/metadata-image.js'
import { topicNameError } from '../cluster/topic-name.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../protocol/messages/describe-topic-partitions.js'
import { UNSET_UUID } from '../protocol/reader.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'
import { ALL_TOPIC_OPERATIONS } from './authorized-operations.js'

type Response = Draft<typeof DescribeTopicPartitionsResponse>
type Topic = Response['topics'][number]
type Cursor = { readonly topicName: string; readonly partitionIndex: number }

interface Rooms {
  readonly image: MetadataImage
  /** `max.request.partition.size.limit`. */
  readonly partitionsMax: () => number
}

// DescribeTopicPartitions v0: topics by name in pages; the cursor names the first partition of the next page.
export const describeTopicPartitions = ({ image, partitionsMax }: Rooms) =>
  api({
    key: ApiKey.DescribeTopicPartitions,
    min: 0,
    max: 0,
    request: DescribeTopicPartitionsRequest,
    response: DescribeTopicPartitionsResponse,
    handle({ topics, cursor, responsePartitionLimit }) {
      const asked = topics.length > 0 ? topics : [...image.topics()]
      const names = [...new Set(asked.map(({ name }) => name))].sort()
      const from = cursor?.topicName ?? ''
      const limit = Math.max(1, Math.min(partitionsMax(), responsePartitionLimit))
      const rest = names.filter((name) => name >= from)
      return page(image, rest, { cursor, limit })
    },
    onError: ({ topics }, errorCode) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ name }) => missing(name, errorCode)),
    }),
  })

function page(
  image: MetadataImage,
  names: readonly string[],
  options: { cursor: Cursor | null; limit: number },
): Response {
  const result: Topic[] = []
  let room = options.limit
  for (const name of names) {
    const topic = image.topicByName(name)
    if (topic === undefined) {
      const errorCode =
        topicNameError(name) === null
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : ErrorCode.INVALID_TOPIC_EXCEPTION
      result.push(missing(name, errorCode))
      continue
    }
    const first = options.cursor?.topicName === name ? Math.max(0, options.cursor.partitionIndex) : 0
    if (room === 0) return { throttleTimeMs: 0, topics: result, nextCursor: cursorAt(name, first) }
    const partitions = describePartitions(topic, first, room)
    result.push({ ...describe(topic), partitions })
    room -= partitions.length
    if (first + partitions.length < topic.partitions.length) {
      const nextCursor = cursorAt(name, first + partitions.length)
      return { throttleTimeMs: 0, topics: result, nextCursor }
    }
  }
  return { throttleTimeMs: 0, topics: result, nextCursor: null }
}

function cursorAt(topicName: string, partitionIndex: number): Cursor {
  return { topicName, partitionIndex }
}

function describe(topic: TopicImage) {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    topicAuthorizedOperations: ALL_TOPIC_OPERATIONS,
  }
}

function describePartitions(topic: TopicImage, first: number, count: number): Topic['partitions'] {
  return topic.partitions
    .slice(first, first + count)
    .map(({ leader, leaderEpoch, replicas, isr }, index) => ({
      errorCode: leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
      partitionIndex: first + index,
      leaderId: leader,
      leaderEpoch,
      replicaNodes: replicas,
      isrNodes: isr,
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
      offlineReplicas: [],
    }))
}

function missing(name: string, errorCode: number): Topic {
  return { errorCode, name, topicId: UNSET_UUID, isInternal: false, partitions: [] }
}
