import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int8, int16, int32, request, response, string, uuid } from '../schema.js'

/*
 * CreateTopics v0-v7.
 *
 *   v1   request gains validateOnly; response gains topics.errorMessage
 *   v2   response gains throttleTimeMs
 *   v3   the client throttles itself
 *   v4   partition count and replication factor may be -1, the broker default
 *   v5   flexible; response gains topics.topicConfigErrorCode, topics.numPartitions,
 *        topics.replicationFactor, topics.configs
 *   v6   THROTTLING_QUOTA_EXCEEDED may be answered
 *   v7   response gains topics.topicId
 */
export const CreateTopicsRequest = request(
  ApiKey.CreateTopics,
  { valid: [0, 7], flexible: 5 },
  {
    topics: array({
      name: string(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({ partitionIndex: int32(), brokerIds: array(int32()) }),
      configs: array({ name: string(), value: string({ nullable: true }) }),
    }),
    timeoutMs: int32({ default: 60000 }),
    validateOnly: bool({ since: 1 }),
  },
)
export type CreateTopicsRequest = Infer<typeof CreateTopicsRequest>

export const CreateTopicsResponse = response(
  ApiKey.CreateTopics,
  { valid: [0, 7], flexible: 5 },
  {
    throttleTimeMs: int32({ since: 2 }),
    topics: array({
      name: string(),
      topicId: uuid({ since: 7 }),
      errorCode: int16(),
      errorMessage: string({ since: 1, nullable: true }),
      topicConfigErrorCode: int16({ since: 5, tag: 0 }),
      numPartitions: int32({ since: 5, default: -1 }),
      replicationFactor: int16({ since: 5, default: -1 }),
      configs: array(
        {
          name: string(),
          value: string({ nullable: true }),
          readOnly: bool(),
          configSource: int8({ default: -1 }),
          isSensitive: bool(),
        },
        { since: 5, nullable: true },
      ),
    }),
  },
)
export type CreateTopicsResponse = Infer<typeof CreateTopicsResponse>
