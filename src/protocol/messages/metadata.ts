import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, request, response, string, uuid } from '../schema.js'

/*
 * Metadata v0-v13.
 *
 *   v1   request topics may be null; response gains brokers.rack, controllerId, topics.isInternal
 *   v2   response gains clusterId
 *   v3   response gains throttleTimeMs
 *   v4   request gains allowAutoTopicCreation
 *   v5   response gains partitions.offlineReplicas
 *   v6   the client throttles itself
 *   v7   response gains partitions.leaderEpoch
 *   v8   request gains includeClusterAuthorizedOperations, includeTopicAuthorizedOperations; response
 *        gains topics.topicAuthorizedOperations, clusterAuthorizedOperations
 *   v9   flexible
 *   v10  request gains topics.topicId; request topics.name may be null; response gains topics.topicId
 *   v11  request loses includeClusterAuthorizedOperations; response loses clusterAuthorizedOperations
 *   v12  response topics.name may be null; topics may be asked for by id
 *   v13  response gains errorCode
 */
export const MetadataRequest = request(
  ApiKey.Metadata,
  { valid: [0, 13], flexible: 9 },
  {
    topics: array(
      { topicId: uuid({ since: 10 }), name: string({ nullableSince: 10 }) },
      { nullableSince: 1 },
    ),
    allowAutoTopicCreation: bool({ since: 4, default: true }),
    includeClusterAuthorizedOperations: bool({ since: 8, until: 10 }),
    includeTopicAuthorizedOperations: bool({ since: 8 }),
  },
)
export type MetadataRequest = Infer<typeof MetadataRequest>

export const MetadataResponse = response(
  ApiKey.Metadata,
  { valid: [0, 13], flexible: 9 },
  {
    throttleTimeMs: int32({ since: 3 }),
    brokers: array({
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: string({ since: 1, nullable: true, default: null }),
    }),
    clusterId: string({ since: 2, nullable: true, default: null }),
    controllerId: int32({ since: 1, default: -1 }),
    topics: array({
      errorCode: int16(),
      name: string({ nullableSince: 12 }),
      topicId: uuid({ since: 10 }),
      isInternal: bool({ since: 1 }),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ since: 7, default: -1 }),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        offlineReplicas: array(int32(), { since: 5 }),
      }),
      topicAuthorizedOperations: int32({ since: 8, default: -0x80000000 }),
    }),
    clusterAuthorizedOperations: int32({ since: 8, until: 10, default: -0x80000000 }),
    errorCode: int16({ since: 13 }),
  },
)
export type MetadataResponse = Infer<typeof MetadataResponse>
