import type { Controller } from '../cluster/controller.js'
import { ApiKey } from '../protocol/api-key.js'
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../protocol/messages/create-partitions.js'
import { api } from './api.js'

// CreatePartitions v0-v3. v2 flexible; v3 THROTTLING_QUOTA_EXCEEDED may be answered.
export const createPartitions = (controller: Controller) =>
  api({
    key: ApiKey.CreatePartitions,
    min: 0,
    max: 3,
    request: CreatePartitionsRequest,
    response: CreatePartitionsResponse,
    async handle({ topics, validateOnly }) {
      return { throttleTimeMs: 0, results: await controller.createPartitions(topics, { validateOnly }) }
    },
    onError: ({ topics }, errorCode) => ({
      throttleTimeMs: 0,
      results: topics.map(({ name }) => ({ name, errorCode })),
    }),
  })
