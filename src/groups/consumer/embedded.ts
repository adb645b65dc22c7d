// The blobs of the classic protocol inside a consumer group: what members of both protocols say to each other.

import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
} from '../../protocol/messages/consumer-protocol.js'
import { ProtocolError } from '../../protocol/protocol-error.js'
import { decodeVersionedPrefix, encodeVersioned } from '../../protocol/versioned.js'
import { subscribedTopicsOf } from '../classic/subscription.js'
import { listed, type PartitionEpochs, type TopicPartitions, topicPartitionsOf } from './partitions.js'
import type { TopicSource } from './topics.js'

export interface Subscription {
  readonly topics: readonly string[]
  readonly owned: TopicPartitions
  readonly rackId: string | null
}

/** Null when not even the topics can be read. Eager members name no partitions: they gave up all of them. */
export function subscriptionOf(metadata: Buffer, topics: TopicSource): Subscription | null {
  const decoded = attempt(() => decodeVersionedPrefix(ConsumerProtocolSubscription, metadata))
  if (decoded !== null) {
    const { ownedPartitions, rackId } = decoded
    return { topics: decoded.topics, owned: byId(ownedPartitions, topics), rackId: rackId || null }
  }
  const names = subscribedTopicsOf(metadata)
  return names === null ? null : { topics: names, owned: new Map(), rackId: null }
}

/** Of topics that exist; a member that was given nothing has an empty blob. */
export function assignmentOf(blob: Buffer, topics: TopicSource): TopicPartitions {
  const decoded = attempt(() => decodeVersionedPrefix(ConsumerProtocolAssignment, blob))
  return byId(decoded?.assignedPartitions ?? [], topics)
}

/** In the version in which the member wrote its subscription. */
export function assignmentBlob(
  assigned: PartitionEpochs,
  subscription: Buffer | undefined,
  topics: TopicSource,
): Buffer {
  const assignedPartitions = listed(assigned).flatMap(({ topicId, partitions }) => {
    const topic = topics.byId(topicId)?.name
    return topic === undefined ? [] : [{ topic, partitions }]
  })
  const version = subscription !== undefined && subscription.length >= 2 ? subscription.readInt16BE(0) : 0
  const { last } = ConsumerProtocolAssignment
  const known = Math.min(Math.max(version, 0), last)
  return encodeVersioned(ConsumerProtocolAssignment, known, { assignedPartitions, userData: null })
}

function byId(
  named: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  topics: TopicSource,
): TopicPartitions {
  return topicPartitionsOf(
    named.flatMap(({ topic, partitions }) => {
      const found = topics.byName(topic)
      if (found === undefined) return []
      const existing = partitions.filter((index) => index >= 0 && index < found.partitionCount)
      return [{ topicId: found.id, partitions: existing }]
    }),
  )
}

function attempt<T>(decode: () => T): T | null {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
