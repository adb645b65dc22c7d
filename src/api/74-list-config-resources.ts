import { type MetadataImage, ResourceType } from '../cluster/metadata-image.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from '../protocol/messages/list-config-resources.js'
import { api } from './api.js'

const listable: readonly number[] = [
  ResourceType.Topic,
  ResourceType.Broker,
  ResourceType.BrokerLogger,
  ResourceType.ClientMetrics,
  ResourceType.Group,
]

// ListConfigResources v0-v1. v0 lists client metrics resources only; v1 the types asked for, or all of them.
export const listConfigResources = (image: MetadataImage) =>
  api({
    key: ApiKey.ListConfigResources,
    min: 0,
    max: 1,
    request: ListConfigResourcesRequest,
    response: ListConfigResourcesResponse,
    handle({ resourceTypes }, { apiVersion }) {
      const asked = new Set(apiVersion === 0 ? [ResourceType.ClientMetrics] : resourceTypes)
      if ([...asked].some((type) => !listable.includes(type))) return refused(ErrorCode.UNSUPPORTED_VERSION)
      const types = asked.size === 0 ? listable : [...asked]
      const configResources = types.flatMap((resourceType) =>
        namesOf(image, resourceType).map((resourceName) => ({ resourceType, resourceName })),
      )
      return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, configResources }
    },
    onError: (_request, errorCode) => refused(errorCode),
  })

/** Topics and brokers always have a configuration; the others only when somebody gave them one. */
function namesOf(image: MetadataImage, resourceType: number): string[] {
  switch (resourceType) {
    case ResourceType.Topic:
      return [...image.topics()].map(({ name }) => name)
    case ResourceType.Broker:
    case ResourceType.BrokerLogger:
      return [...image.brokers.keys()].map(String)
    default:
      return image.configuredNames(resourceType)
  }
}

function refused(errorCode: number) {
  return { throttleTimeMs: 0, errorCode, configResources: [] }
}
