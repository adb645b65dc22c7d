import type { MetadataImage } from '../cluster/metadata-image.js'
import { ResourceType } from '../cluster/metadata-image.js'
import { ACCEPTED, type Refusal, refuse } from '../cluster/outcome.js'
import { topicNameError } from '../cluster/topic-name.js'
import type { ConfigEntry } from '../config/config-entry.js'
import { ErrorCode } from '../protocol/errors.js'

/** Where the effective configuration of each kind of resource is read. */
export interface ConfigDescriptions {
  readonly image: MetadataImage
  /** Of this broker, and the dynamic defaults of all brokers. */
  readonly brokerEntries: () => readonly ConfigEntry[]
  readonly clusterEntries: () => readonly ConfigEntry[]
  readonly topicEntries: (overrides: ReadonlyMap<string, string>) => readonly ConfigEntry[]
  readonly groupEntries: (overrides: ReadonlyMap<string, string>) => readonly ConfigEntry[]
}

export interface DescribedResource extends Refusal {
  readonly entries: readonly ConfigEntry[]
}

export function describeResource(
  descriptions: ConfigDescriptions,
  resource: { readonly resourceType: number; readonly resourceName: string },
): DescribedResource {
  const { resourceType, resourceName } = resource
  const { image } = descriptions
  switch (resourceType) {
    case ResourceType.Topic:
      return describeTopic(descriptions, resourceName)
    case ResourceType.Broker:
      if (resourceName === '') return found(descriptions.clusterEntries())
      if (resourceName === String(image.nodeId)) return found(descriptions.brokerEntries())
      return refused(ErrorCode.INVALID_REQUEST, wrongBroker(image.nodeId, resourceName))
    case ResourceType.Group:
      if (resourceName === '') return refused(ErrorCode.INVALID_REQUEST, 'Group name must not be empty')
      return found(descriptions.groupEntries(image.configsOf(resourceType, resourceName)))
    default:
      return refused(ErrorCode.INVALID_REQUEST, `Unsupported resource type: ${resourceType}`)
  }
}

function describeTopic(descriptions: ConfigDescriptions, name: string): DescribedResource {
  const error = topicNameError(name)
  if (error !== null) return refused(ErrorCode.INVALID_TOPIC_EXCEPTION, error)
  const topic = descriptions.image.topicByName(name)
  if (topic === undefined) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null)
  return found(descriptions.topicEntries(topic.configs))
}

function wrongBroker(nodeId: number, name: string): string {
  return `Unexpected broker id, expected ${nodeId} or empty string, but received ${name}`
}

function found(entries: readonly ConfigEntry[]): DescribedResource {
  return { ...ACCEPTED, entries }
}

function refused(errorCode: number, errorMessage: string | null): DescribedResource {
  return { ...refuse(errorCode, errorMessage), entries: [] }
}
