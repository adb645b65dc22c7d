import type { AutoTopics } from '../cluster/auto-topics.js'
import type { MetadataImage, TopicImage } from '../cluster/metadata-image.js'
import { InternalTopic } from '../cluster/topic-name.js'
import type { BrokerConfig } from '../config/broker-config.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { coordinatorLog } from '../log/coordinator-log.js'
import type { Partition } from '../log/partition.js'
import type { PartitionObserver } from './metadata-changes.js'

/** Partitions of an internal topic, as created or as it would be. */
export function offsetsPartitionCount(image: MetadataImage, config: BrokerConfig): number {
  const existing = image.topicByName(InternalTopic.ConsumerOffsets)?.partitions.length
  return existing ?? config.number('offsets.topic.num.partitions')
}

/** Loads and unloads the group coordinator's shards as partitions of its topic come and go. */
export function groupObserver(groups: GroupCoordinator): PartitionObserver {
  return {
    async opened(partition: Partition): Promise<void> {
      if (partition.topic !== InternalTopic.ConsumerOffsets) return
      await groups.load(partition.partition, coordinatorLog(partition))
    },
    async deleting({ name, partitions }: TopicImage): Promise<void> {
      if (name === InternalTopic.ConsumerOffsets) {
        for (const index of partitions.keys()) groups.unload(index)
      } else {
        await groups.topicsDeleted([name])
      }
    },
  }
}

/** Rejects when the topic cannot be had. */
export function offsetsTopic(auto: AutoTopics): () => Promise<void> {
  return async () => {
    const topic = await auto.internal(InternalTopic.ConsumerOffsets)
    if (topic === undefined) throw new Error(`${InternalTopic.ConsumerOffsets} could not be created`)
  }
}
