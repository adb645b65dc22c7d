import { type MetadataImage, ResourceType, type TopicImage } from '../cluster/metadata-image.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { resolveGroupConfig } from '../config/group-config.js'
import { assignorsOf } from '../groups/assignors/assignors.js'
import type { ConsumerEnvironment } from '../groups/consumer/environment.js'
import type { SubscribableTopic, TopicSource } from '../groups/consumer/topics.js'

/** What consumer groups see of the cluster and of the settings. */
export function consumerEnvironment(image: MetadataImage, config: BrokerConfig): ConsumerEnvironment {
  const named = assignorsOf(config.list('group.consumer.assignors'))
  const policy = config.string('group.consumer.migration.policy')?.toLowerCase()
  return {
    topics: topicSource(image),
    // Only classes of one's own are configured, which cannot be loaded here: better the default than none.
    assignors: named.length > 0 ? named : assignorsOf(['uniform']),
    groupMaxSize: config.number('group.consumer.max.size'),
    upgrades: policy === 'bidirectional' || policy === 'upgrade',
    downgrades: policy === 'bidirectional' || policy === 'downgrade',
    settingsOf(groupId) {
      const settings = resolveGroupConfig(config, image.configsOf(ResourceType.Group, groupId))
      return {
        sessionTimeoutMs: settings.consumerSessionTimeoutMs,
        heartbeatIntervalMs: settings.consumerHeartbeatIntervalMs,
        assignmentIntervalMs: settings.consumerAssignmentIntervalMs,
      }
    },
  }
}

function topicSource(image: MetadataImage): TopicSource {
  const seen = (topic: TopicImage | undefined) => topic && subscribable(image, topic)
  return {
    get version() {
      return image.offset
    },
    byName: (name) => seen(image.topicByName(name)),
    byId: (id) => seen(image.topicById(id)),
    *names() {
      for (const { name, internal } of image.topics()) if (!internal) yield name
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
