import { ErrorCode } from '../protocol/errors.js'
import { type ReplicaAssignment, replicasError, spread } from './assignment.js'
import { partitionRecord, repeatedNames } from './create-topics.js'
import { OPERATION_RECORDS_MAX } from './limits.js'
import type { MetadataImage, TopicImage } from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'
import { ACCEPTED, type Refusal, refuse, TOO_LARGE } from './outcome.js'

export interface PartitionGrowth {
  readonly name: string
  /** The new total. */
  readonly count: number
  /** Of the added partitions; null lets the controller choose. */
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null
}

export interface GrownTopic extends Refusal {
  readonly name: string
}

export function planCreatePartitions(
  topics: readonly PartitionGrowth[],
  image: MetadataImage,
): { results: GrownTopic[]; records: MetadataRecord[] } {
  const records: MetadataRecord[] = []
  const repeated = repeatedNames(topics)
  const results: GrownTopic[] = []
  for (const growth of new Map(topics.map((topic) => [topic.name, topic])).values()) {
    const { name } = growth
    if (repeated.has(name)) {
      results.push({ name, ...refuse(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.') })
    } else if (records.length > OPERATION_RECORDS_MAX) {
      results.push({ name, ...TOO_LARGE })
    } else {
      results.push({ name, ...planOne(growth, image, records) })
    }
  }
  return { results, records }
}

function planOne(growth: PartitionGrowth, image: MetadataImage, records: MetadataRecord[]): Refusal {
  const topic = image.topicByName(growth.name)
  if (topic === undefined) {
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.')
  }
  const current = topic.partitions.length
  if (growth.count === current) {
    return refuse(ErrorCode.INVALID_PARTITIONS, `Topic already has ${current} partition(s).`)
  }
  if (growth.count < current) {
    const message =
      `The topic ${growth.name} currently has ${current} partition(s); ` +
      `${growth.count} would not be an increase.`
    return refuse(ErrorCode.INVALID_PARTITIONS, message)
  }
  const assignment = assign(growth, topic, image)
  if ('errorCode' in assignment) return assignment
  for (const [index, replicas] of assignment.entries()) {
    records.push(partitionRecord({ topicId: topic.id, partitionId: current + index, replicas }))
  }
  return ACCEPTED
}

function assign(
  growth: PartitionGrowth,
  topic: TopicImage,
  image: MetadataImage,
): ReplicaAssignment[] | Refusal {
  const current = topic.partitions.length
  const added = growth.count - current
  const factor = topic.partitions[0]?.replicas.length ?? 1
  if (growth.assignments === null) {
    return spread({ firstPartition: current, count: added, factor }, image.brokers)
  }
  if (growth.assignments.length !== added) {
    const message =
      `Attempted to add ${added} additional partition(s), but only ${growth.assignments.length} ` +
      'assignment(s) were specified.'
    return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
  }
  for (const { brokerIds } of growth.assignments) {
    const error = replicasError(brokerIds, image.brokers, factor)
    if (error !== null) return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, error)
  }
  return growth.assignments.map(({ brokerIds }) => brokerIds)
}
