import { replicasError } from '../cluster/assignment.js'
import type { MetadataImage } from '../cluster/metadata-image.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../protocol/messages/alter-partition-reassignments.js'
import { api } from './api.js'

/*
 * AlterPartitionReassignments v0-v1, flexible. v1 says whether the number of replicas may change.
 *
 * The one broker there is holds every replica, so a target is either what is already so, which is granted, or names
 * brokers that do not exist. There is never one under way to be cancelled.
 */
export const alterPartitionReassignments = ({ image }: { readonly image: MetadataImage }) =>
  api({
    key: ApiKey.AlterPartitionReassignments,
    min: 0,
    max: 1,
    request: AlterPartitionReassignmentsRequest,
    response: AlterPartitionReassignmentsResponse,
    handle: async ({ topics, allowReplicationFactorChange }) => ({
      throttleTimeMs: 0,
      allowReplicationFactorChange,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      responses: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, replicas }) => ({
          partitionIndex,
          ...outcomeOf(image, { name, partitionIndex, replicas }),
        })),
      })),
    }),
    onError: (_request, errorCode) => ({
      throttleTimeMs: 0,
      allowReplicationFactorChange: true,
      errorCode,
      errorMessage: null,
      responses: [],
    }),
  })

interface Target {
  readonly name: string
  readonly partitionIndex: number
  readonly replicas: readonly number[] | null
}

function outcomeOf(image: MetadataImage, { name, partitionIndex, replicas }: Target) {
  const refuse = (errorCode: number, errorMessage: string | null = null) => ({ errorCode, errorMessage })
  const topic = image.topicByName(name)
  if (topic === undefined) {
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find a topic named ${name}.`)
  }
  if (topic.partitions[partitionIndex] === undefined) {
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find partition ${name}:${partitionIndex}.`)
  }
  if (replicas === null) return refuse(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
  const error = replicasError(replicas, image.brokers, replicas.length)
  return error === null ? refuse(ErrorCode.NONE) : refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, error)
}
