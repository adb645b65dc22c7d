import type { MetadataImage, TopicImage } from '../cluster/metadata-image.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { ConfigError } from '../config/config-value.js'
import type { Assignor } from '../groups/assignors/assignor.js'
import { assignorNames, assignorOf, assignorsOf } from '../groups/assignors/assignors.js'
import type { ConsumerEnvironment } from '../groups/consumer/environment.js'
import type { SubscribableTopic, TopicSource } from '../groups/consumer/topics.js'
import { GroupSettings } from './group-settings.js'

/** What consumer groups see of the cluster and of the settings. Throws ConfigError for an assignor there is not. */
export function consumerEnvironment(image: MetadataImage, config: BrokerConfig): ConsumerEnvironment {
  const policy = config.string('group.consumer.migration.policy')?.toLowerCase()
  const settings = new GroupSettings(image, config)
  return {
    topics: topicSource(image),
    assignors: configuredAssignors(config),
    groupMaxSize: config.number('group.consumer.max.size'),
    upgrades: policy === 'bidirectional' || policy === 'upgrade',
    downgrades: policy === 'bidirectional' || policy === 'downgrade',
    regexRefreshIntervalMs: config.number('group.consumer.regex.refresh.interval.ms'),
    settingsOf: (groupId) => settings.of(groupId),
  }
}

function configuredAssignors(config: BrokerConfig): Assignor[] {
  const key = 'group.consumer.assignors'
  const names = config.list(key)
  const unknown = names.find((name) => assignorOf(name) === undefined)
  if (unknown === undefined) return assignorsOf(names)
  throw new ConfigError(key, `${key} names ${unknown}; accepted are ${assignorNames.join(', ')}.`)
}

function topicSource(image: MetadataImage): TopicSource {
  const seen = (topic: TopicImage | undefined) => topic && subscribable(image, topic)
  return {
    get version() {
      return image.offset
    },
    byName: (name) => seen(image.topicByName(name)),
    byId: (id) => seen(image.topicById(id)),
    // Internal ones too: leaving them out is left to clients.
    *names() {
      for (const { name } of image.topics()) yield name
    },
  }
}

function subscribable({ brokers }: MetadataImage, { name, id, partitions }: TopicImage): SubscribableTopic {
  return {
    name,
    id,
    partitionCount: partitions.length,
    racksOf(partition) {
      const racks = new Set<string>()
      for (const replica of partitions[partition]?.replicas ?? []) {
        const rack = brokers.get(replica)?.rack ?? null
        if (rack !== null) racks.add(rack)
      }
      return [...racks]
    },
  }
}
