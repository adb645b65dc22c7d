import type { Controller } from '../cluster/controller.js'
import type { CreatedTopic } from '../cluster/create-topics.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { CreateTopicsRequest, CreateTopicsResponse } from '../protocol/messages/create-topics.js'
import { UNSET_UUID } from '../protocol/reader.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'

type Result = Draft<typeof CreateTopicsResponse>['topics'][number]

interface Rooms {
  readonly controller: Controller
  /** The whole configuration of a topic with these overrides, as it is described. */
  readonly describe: (overrides: ReadonlyMap<string, string>) => NonNullable<Result['configs']>
}

// CreateTopics v2-v7. v4 defaults by -1; v5 flexible, count, factor and configs in the reply; v7 topic id.
export const createTopics = ({ controller, describe }: Rooms) =>
  api({
    key: ApiKey.CreateTopics,
    min: 2,
    max: 7,
    request: CreateTopicsRequest,
    response: CreateTopicsResponse,
    async handle({ topics, validateOnly }, { apiVersion }) {
      const created = await controller.createTopics(topics, { validateOnly })
      return { topics: created.map((topic) => result(topic, apiVersion >= 5 ? describe : null)) }
    },
    onError: ({ topics }, errorCode) => ({
      topics: topics.map(({ name }) => ({ name, errorCode, errorMessage: null, configs: null })),
    }),
  })

function result(topic: CreatedTopic, describe: Rooms['describe'] | null): Result {
  const { name, errorCode, errorMessage, partitionCount, replicationFactor, configs } = topic
  const refused = errorCode !== ErrorCode.NONE
  return {
    name,
    topicId: topic.topicId ?? UNSET_UUID,
    errorCode,
    errorMessage,
    numPartitions: partitionCount,
    replicationFactor,
    configs: refused || describe === null ? null : describe(configs),
  }
}
