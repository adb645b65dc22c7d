import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, request, response, string, uuid } from '../schema.js'

/*
 * DeleteTopics v0-v6.
 *
 *   v1   response gains throttleTimeMs
 *   v2   the client throttles itself
 *   v3   TOPIC_DELETION_DISABLED may be answered
 *   v4   flexible
 *   v5   response gains responses.errorMessage
 *   v6   request gains topics; request loses topicNames; response gains responses.topicId; response
 *        responses.name may be null
 */
export const DeleteTopicsRequest = request(
  ApiKey.DeleteTopics,
  { valid: [0, 6], flexible: 4 },
  {
    topics: array({ name: string({ nullable: true, default: null }), topicId: uuid() }, { since: 6 }),
    topicNames: array(string(), { until: 5 }),
    timeoutMs: int32(),
  },
)
export type DeleteTopicsRequest = Infer<typeof DeleteTopicsRequest>

export const DeleteTopicsResponse = response(
  ApiKey.DeleteTopics,
  { valid: [0, 6], flexible: 4 },
  {
    throttleTimeMs: int32({ since: 1 }),
    responses: array({
      name: string({ nullableSince: 6 }),
      topicId: uuid({ since: 6 }),
      errorCode: int16(),
      errorMessage: string({ since: 5, nullable: true, default: null }),
    }),
  },
)
export type DeleteTopicsResponse = Infer<typeof DeleteTopicsResponse>
