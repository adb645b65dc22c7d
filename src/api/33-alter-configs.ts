import { ConfigOperation } from '../cluster/alter-configs.js'
import type { Controller } from '../cluster/controller.js'
import { ApiKey } from '../protocol/api-key.js'
import { AlterConfigsRequest, AlterConfigsResponse } from '../protocol/messages/alter-configs.js'
import { api } from './api.js'
import { refuseEachResource } from './config-resources.js'

// AlterConfigs v0-v2: what is not mentioned returns to its default. v2 flexible.
export const alterConfigs = (controller: Controller) =>
  api({
    key: ApiKey.AlterConfigs,
    min: 0,
    max: 2,
    request: AlterConfigsRequest,
    response: AlterConfigsResponse,
    async handle({ resources, validateOnly }) {
      const changes = resources.map(({ resourceType, resourceName, configs }) => ({
        resourceType,
        resourceName,
        replacesAll: true,
        changes: configs.map(({ name, value }) => ({ name, value, operation: ConfigOperation.Set })),
      }))
      return { throttleTimeMs: 0, responses: await controller.alterConfigs(changes, { validateOnly }) }
    },
    onError: ({ resources }, errorCode) => ({
      throttleTimeMs: 0,
      responses: refuseEachResource(resources, errorCode),
    }),
  })
