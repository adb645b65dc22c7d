import type { MetadataImage, TopicImage } from '../cluster/metadata-image.js'
import type { Refusal } from '../cluster/outcome.js'
import { topicNameError } from '../cluster/topic-name.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { MetadataRequest, MetadataResponse } from '../protocol/messages/metadata.js'
import { UNSET_UUID } from '../protocol/reader.js'
import type { Draft } from '../protocol/schema.js'
import { api, type ClientInfo } from './api.js'
import {
  ALL_CLUSTER_OPERATIONS,
  ALL_TOPIC_OPERATIONS,
  OPERATIONS_NOT_ASKED,
} from './authorized-operations.js'
import { brokersFor, type ClusterView } from './cluster-view.js'

type Topic = Draft<typeof MetadataResponse>['topics'][number]

interface Rooms {
  readonly view: ClusterView
  /** Creates a topic that a client merely mentioned; resolves when it can be written to. */
  readonly autoCreate: (name: string) => Promise<Refusal>
  readonly autoCreateEnabled: () => boolean
}

/*
 * Metadata v0-v13. v0 an empty list means all topics; v1 null does, and empty means none; v4 auto creation can be
 * declined; v8 authorized operations; v10 topic ids; v12 topics can be asked for by id; v13 top-level error.
 *
 * Where Kafka answers UNKNOWN_TOPIC_OR_PARTITION while an auto-created topic comes into being and lets the client
 * ask again, this broker answers when the topic is ready: the client saves a retry and its back-off.
 */
export const metadata = ({ view, autoCreate, autoCreateEnabled }: Rooms) =>
  api({
    key: ApiKey.Metadata,
    min: 0,
    max: 13,
    request: MetadataRequest,
    response: MetadataResponse,
    handle(request, { apiVersion, client }) {
      const { image } = view
      const { topics: asked } = request
      const describe = (topics: Topic[]) => reply(view, client, request, topics)
      const operations = request.includeTopicAuthorizedOperations
        ? ALL_TOPIC_OPERATIONS
        : OPERATIONS_NOT_ASKED
      const found = (topic: TopicImage) => describeTopic(topic, operations)
      if (asked === null || (apiVersion === 0 && asked.length === 0)) {
        return describe([...image.topics()].map(found))
      }
      if (apiVersion < 12 && asked.some(({ name, topicId }) => name === null || topicId !== UNSET_UUID)) {
        return describe(asked.map((topic) => missing(named(topic), ErrorCode.INVALID_REQUEST)))
      }
      if (asked.some(({ name }) => name === null)) {
        const ids = new Set(asked.map(({ topicId }) => topicId))
        return describe([...ids].map((topicId) => byId(image, topicId, found)))
      }
      const names = [...new Set(asked.map(({ name }) => name as string))]
      const unknown = names.filter((name) => image.topicByName(name) === undefined)
      const answer = (errors: ReadonlyMap<string, number>) =>
        describe(names.map((name) => byName(image, name, errors, found)))
      if (unknown.length === 0 || !request.allowAutoTopicCreation || !autoCreateEnabled()) {
        return answer(new Map())
      }
      return createAll(unknown, autoCreate).then(answer)
    },
    onError: ({ topics }, errorCode) => ({
      brokers: [],
      topics: (topics ?? []).map((topic) => missing(named(topic), errorCode)),
      errorCode,
    }),
  })

function reply(
  view: ClusterView,
  client: ClientInfo,
  request: { includeClusterAuthorizedOperations: boolean },
  topics: Topic[],
): Draft<typeof MetadataResponse> {
  const { clusterId, controllerId } = view.image
  return {
    brokers: brokersFor(view, client).filter(({ fenced }) => !fenced),
    clusterId,
    controllerId,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? ALL_CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED,
  }
}

function describeTopic(topic: TopicImage, topicAuthorizedOperations: number): Topic {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: topic.partitions.map(({ leader, leaderEpoch, replicas, isr }, partitionIndex) => ({
      errorCode: leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
      partitionIndex,
      leaderId: leader,
      leaderEpoch,
      replicaNodes: replicas,
      isrNodes: isr,
      offlineReplicas: [],
    })),
    topicAuthorizedOperations,
  }
}

function byName(
  image: MetadataImage,
  name: string,
  errors: ReadonlyMap<string, number>,
  found: (topic: TopicImage) => Topic,
): Topic {
  const topic = image.topicByName(name)
  if (topic !== undefined) return found(topic)
  const illegal = topicNameError(name) !== null
  const fallback = illegal ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  return missing({ name, topicId: UNSET_UUID }, errors.get(name) ?? fallback)
}

function byId(image: MetadataImage, topicId: string, found: (topic: TopicImage) => Topic): Topic {
  const topic = image.topicById(topicId)
  return topic === undefined ? missing({ name: null, topicId }, ErrorCode.UNKNOWN_TOPIC_ID) : found(topic)
}

function missing({ name, topicId }: { name: string | null; topicId: string }, errorCode: number): Topic {
  return { errorCode, name, topicId, partitions: [] }
}

/** Before version 12 a reply cannot carry a topic without a name. */
function named({ name, topicId }: { name: string | null; topicId: string }) {
  return { name: name ?? '', topicId }
}

/** Why topics could not be created. An invalid name is final; anything else the client may ask for again. */
async function createAll(
  names: readonly string[],
  autoCreate: Rooms['autoCreate'],
): Promise<Map<string, number>> {
  const errors = new Map<string, number>()
  const creations = names.map(async (name) => {
    const { errorCode } = await autoCreate(name)
    if (errorCode === ErrorCode.INVALID_TOPIC_EXCEPTION) errors.set(name, errorCode)
    else if (errorCode !== ErrorCode.NONE) errors.set(name, ErrorCode.LEADER_NOT_AVAILABLE)
  })
  await Promise.all(creations)
  return errors
}
