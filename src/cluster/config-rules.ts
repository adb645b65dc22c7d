import type { BrokerConfig } from '../config/broker-config.js'
import { groupConfigConflict, validateGroupConfig } from '../config/group-config.js'
import { brokerKeys } from '../config/keys.js'
import { topicConfigProblem } from '../config/topic-config.js'
import { topicKey, topicText } from '../config/topic-text.js'
import { ResourceType } from './metadata-image.js'

export interface Resource {
  readonly resourceType: number
  /** Empty for the default of all brokers. */
  readonly resourceName: string
}

/** What configuration overrides may be. Errors are in Kafka's words, null means allowed. */
export interface ConfigRules {
  /** Checks every override that `changed` names, and the rules that join several. */
  problem(
    resource: Resource,
    overrides: ReadonlyMap<string, string>,
    changed: Iterable<string>,
  ): string | null
  /** Why the override may not be taken away. */
  removalProblem(resource: Resource, name: string): string | null
  /** Whether values can be appended to and subtracted from. */
  isList(resourceType: number, name: string): boolean
  /** The value in force without an override, which APPEND and SUBTRACT start from. */
  inherited(resourceType: number, name: string): string | null
}

const NO_OVERRIDES: ReadonlyMap<string, string> = new Map()

export function configRulesOf(config: BrokerConfig): ConfigRules {
  const levelOf = ({ resourceName }: Resource) => (resourceName === '' ? 'cluster' : 'broker')

  function valueProblem(resource: Resource, name: string, value: string): string | null {
    return resource.resourceType === ResourceType.Group
      ? validateGroupConfig(config, name, value)
      : config.dynamicProblem(name, value, levelOf(resource))
  }

  return {
    problem(resource, overrides, changed) {
      if (resource.resourceType === ResourceType.Topic) return topicConfigProblem(config, overrides)
      for (const name of changed) {
        const value = overrides.get(name)
        const problem = value === undefined ? null : valueProblem(resource, name, value)
        if (problem !== null) return problem
      }
      return resource.resourceType === ResourceType.Group ? groupConfigConflict(config, overrides) : null
    },
    removalProblem: (resource, name) =>
      resource.resourceType === ResourceType.Broker
        ? config.dynamicProblem(name, null, levelOf(resource))
        : null,
    isList: (resourceType, name) => keyOf(resourceType, name)?.type === 'LIST',
    inherited(resourceType, name) {
      if (resourceType === ResourceType.Topic) return topicText(config, NO_OVERRIDES, name)
      return resourceType === ResourceType.Broker ? config.text(name) : null
    },
  }
}

function keyOf(resourceType: number, name: string) {
  if (resourceType === ResourceType.Topic) return topicKey(name)
  return resourceType === ResourceType.Broker ? brokerKeys.get(name) : undefined
}
