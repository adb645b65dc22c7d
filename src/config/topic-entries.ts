// What DescribeConfigs shows of a topic.

import type { BrokerConfig } from './broker-config.js'
import { type ConfigEntry, ConfigSource, type ConfigSynonym, configEntry } from './config-entry.js'
import { type TopicOverrides, topicConfigNames, topicKey, topicText } from './topic-text.js'

export function topicConfigEntries(config: BrokerConfig, overrides: TopicOverrides): ConfigEntry[] {
  return topicConfigNames().flatMap((name) => {
    const key = topicKey(name)
    if (key === undefined || (key.internal && !overrides.has(name))) return []
    const own = overrides.get(name)
    const synonyms: ConfigSynonym[] = []
    if (own !== undefined) synonyms.push({ name, value: own, source: ConfigSource.DYNAMIC_TOPIC_CONFIG })
    const serverDefault = key.serverDefaults[0]
    if (serverDefault !== undefined) synonyms.push(...config.synonyms(serverDefault.name))
    return [configEntry(key, topicText(config, overrides, name), synonyms)]
  })
}
