import type { Controller } from '../cluster/controller.js'
import { ApiKey } from '../protocol/api-key.js'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../protocol/messages/incremental-alter-configs.js'
import { api } from './api.js'
import { refuseEachResource } from './config-resources.js'

// IncrementalAlterConfigs v0-v1: set, delete, append to, subtract from single keys. v1 flexible.
export const incrementalAlterConfigs = (controller: Controller) =>
  api({
    key: ApiKey.IncrementalAlterConfigs,
    min: 0,
    max: 1,
    request: IncrementalAlterConfigsRequest,
    response: IncrementalAlterConfigsResponse,
    async handle({ resources, validateOnly }) {
      const changes = resources.map(({ resourceType, resourceName, configs }) => ({
        resourceType,
        resourceName,
        replacesAll: false,
        changes: configs.map(({ name, configOperation, value }) => ({
          name,
          value,
          operation: configOperation,
        })),
      }))
      return { throttleTimeMs: 0, responses: await controller.alterConfigs(changes, { validateOnly }) }
    },
    onError: ({ resources }, errorCode) => ({
      throttleTimeMs: 0,
      responses: refuseEachResource(resources, errorCode),
    }),
  })
