import { ErrorCode } from '../protocol/errors.js'
import { planAssignment, type ReplicaAssignment } from './assignment.js'
import type { ConfigRules } from './config-rules.js'
import { OPERATION_RECORDS_MAX } from './limits.js'
import { type MetadataImage, ResourceType } from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'
import { ACCEPTED, isRefused, type Refusal, refuse, TOO_LARGE } from './outcome.js'
import { collisionKey, METADATA_TOPIC, topicNameError } from './topic-name.js'

export interface NewTopic {
  readonly name: string
  /** -1 is the broker's default. */
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: readonly { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

export interface CreatedTopic extends Refusal {
  readonly name: string
  readonly topicId: string | null
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string>
}

export interface CreateTopicsPlan {
  readonly results: CreatedTopic[]
  readonly records: MetadataRecord[]
}

export interface CreateTopicsInputs {
  readonly image: MetadataImage
  readonly rules: ConfigRules
  readonly defaults: { readonly partitionCount: number; readonly replicationFactor: number }
  readonly newTopicId: () => string
}

/** Each topic stands or falls alone; the records of those accepted are one batch. Pure but for the topic ids. */
export function planCreateTopics(topics: readonly NewTopic[], inputs: CreateTopicsInputs): CreateTopicsPlan {
  const records: MetadataRecord[] = []
  const accepted = new Map<string, string>()
  const repeated = repeatedNames(topics)
  const results: CreatedTopic[] = []
  for (const topic of new Map(topics.map((topic) => [topic.name, topic])).values()) {
    const refusal = repeated.has(topic.name)
      ? refuse(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
      : records.length > OPERATION_RECORDS_MAX
        ? TOO_LARGE
        : nameRefusal(topic.name, inputs.image, accepted)
    const result = isRefused(refusal) ? refused(topic, refusal) : planOne(topic, inputs, records)
    results.push(result)
    if (!isRefused(result)) accepted.set(collisionKey(topic.name), topic.name)
  }
  return { results, records }
}

/** Names mentioned more than once: one refusal answers all mentions of them. */
export function repeatedNames(topics: readonly { readonly name: string }[]): Set<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { name } of topics) {
    if (seen.has(name)) repeated.add(name)
    seen.add(name)
  }
  return repeated
}

function planOne(topic: NewTopic, inputs: CreateTopicsInputs, records: MetadataRecord[]): CreatedTopic {
  const configs = new Map<string, string>()
  for (const { name, value } of topic.configs) {
    if (value === null) {
      return refused(
        topic,
        refuse(ErrorCode.INVALID_CONFIG, `Null value not supported for topic configs: ${name}`),
      )
    }
    configs.set(name, value)
  }
  const resource = { resourceType: ResourceType.Topic, resourceName: topic.name }
  const problem = inputs.rules.problem(resource, configs, configs.keys())
  if (problem !== null) return refused(topic, refuse(ErrorCode.INVALID_CONFIG, problem))
  const assignment = planAssignment(topic, inputs.defaults, inputs.image.brokers)
  if ('errorCode' in assignment) return refused(topic, assignment)
  const topicId = inputs.newTopicId()
  records.push({ type: 'Topic', value: { name: topic.name, topicId } })
  for (const [name, value] of configs) {
    records.push({ type: 'Config', value: { ...resource, name, value } })
  }
  for (const [partitionId, replicas] of assignment.entries()) {
    records.push(partitionRecord({ topicId, partitionId, replicas }))
  }
  const replicationFactor = assignment[0]?.length ?? 0
  return {
    ...ACCEPTED,
    name: topic.name,
    topicId,
    partitionCount: assignment.length,
    replicationFactor,
    configs,
  }
}

export function partitionRecord(options: {
  topicId: string
  partitionId: number
  replicas: ReplicaAssignment
}): MetadataRecord {
  const { topicId, partitionId } = options
  const replicas = [...options.replicas]
  return {
    type: 'Partition',
    value: {
      partitionId,
      topicId,
      replicas,
      isr: replicas,
      removingReplicas: [],
      addingReplicas: [],
      leader: replicas[0] as number,
      leaderRecoveryState: 0,
      leaderEpoch: 0,
      partitionEpoch: 0,
      // Unassigned: the broker's only log directory.
      directories: replicas.map(() => 'AAAAAAAAAAAAAAAAAAAAAA'),
      eligibleLeaderReplicas: null,
      lastKnownElr: null,
    },
  }
}

function nameRefusal(name: string, image: MetadataImage, accepted: ReadonlyMap<string, string>): Refusal {
  if (name === METADATA_TOPIC) {
    return refuse(ErrorCode.INVALID_REQUEST, `Creation of internal topic ${METADATA_TOPIC} is prohibited.`)
  }
  const error = topicNameError(name)
  if (error !== null) return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, error)
  if (image.topicByName(name) !== undefined) {
    return refuse(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  }
  const other = image.collidingTopic(name) ?? accepted.get(collisionKey(name))
  if (other === undefined) return ACCEPTED
  return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic '${name}' collides with existing topic: ${other}`)
}

function refused({ name }: NewTopic, { errorCode, errorMessage }: Refusal): CreatedTopic {
  const nothing = { topicId: null, partitionCount: -1, replicationFactor: -1, configs: new Map() }
  return { name, errorCode, errorMessage, ...nothing }
}
