import type { Controller } from '../cluster/controller.js'
import type { TopicReference } from '../cluster/delete-topics.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../protocol/messages/delete-topics.js'
import { UNSET_UUID } from '../protocol/reader.js'
import { api } from './api.js'

interface Rooms {
  readonly controller: Controller
  /** `delete.topic.enable`. */
  readonly enabled: () => boolean
}

// DeleteTopics v1-v6. v3 TOPIC_DELETION_DISABLED; v4 flexible; v5 error message; v6 by topic id.
export const deleteTopics = ({ controller, enabled }: Rooms) =>
  api({
    key: ApiKey.DeleteTopics,
    min: 1,
    max: 6,
    request: DeleteTopicsRequest,
    response: DeleteTopicsResponse,
    async handle(request, { apiVersion }) {
      if (!enabled()) {
        const errorCode = apiVersion < 3 ? ErrorCode.INVALID_REQUEST : ErrorCode.TOPIC_DELETION_DISABLED
        return errorForAll(request, errorCode)
      }
      const results = await controller.deleteTopics(references(request))
      return {
        responses: results.map(({ name, topicId, errorCode, errorMessage }) => ({
          // Before version 6 a topic can be named by name only, so there is always one.
          name: apiVersion >= 6 ? name : (name ?? ''),
          topicId: topicId ?? UNSET_UUID,
          errorCode,
          errorMessage,
        })),
      }
    },
    onError: errorForAll,
  })

function references(request: DeleteTopicsRequest): TopicReference[] {
  const byName = request.topicNames.map((name) => ({ name, topicId: null }))
  const byEither = request.topics.map(({ name, topicId }) => ({
    name,
    topicId: topicId === UNSET_UUID ? null : topicId,
  }))
  return [...byName, ...byEither]
}

function errorForAll(request: DeleteTopicsRequest, errorCode: number) {
  const named = references(request)
  return {
    responses: named.map(({ name, topicId }) => ({ name, topicId: topicId ?? UNSET_UUID, errorCode })),
  }
}
