// A topic's settings as text: its own override, or the broker setting that gives the default.

import type { BrokerConfig } from './broker-config.js'
import type { ConfigKey } from './config-key.js'
import { parseValue } from './config-value.js'
import { topicKeys } from './keys/topic.js'
import { brokerKeys } from './keys.js'

export type TopicOverrides = ReadonlyMap<string, string>

type TopicKey = (typeof topicKeys)[number]
export type TopicKeyName = TopicKey['name']

const keysByName: ReadonlyMap<string, ConfigKey & Pick<TopicKey, 'serverDefaults'>> = new Map(
  topicKeys.map((key) => [key.name, key]),
)

export function topicConfigNames(): string[] {
  return [...keysByName.keys()]
}

/** The value in force as text, and the broker key that gave it when it is a default. */
export function topicText(config: BrokerConfig, overrides: TopicOverrides, name: string): string | null {
  const key = keysByName.get(name)
  if (key === undefined) return null
  const own = overrides.get(name)
  if (own !== undefined) return parseValue(key, own).text
  for (const { name: brokerName, unit } of key.serverDefaults) {
    const text = config.text(brokerName)
    if (text !== null) return unit === 1 ? text : scaled(text, unit)
  }
  return key.default
}

export function topicKey(name: string): (ConfigKey & Pick<TopicKey, 'serverDefaults'>) | undefined {
  return keysByName.get(name)
}

function scaled(text: string, unit: number): string {
  const value = Number(text)
  return String(value < 0 ? -1 : value * unit)
}

for (const key of topicKeys) {
  for (const { name } of key.serverDefaults) {
    if (!brokerKeys.has(name)) throw new Error(`${key.name} takes its default from ${name}, which is no key.`)
  }
}
