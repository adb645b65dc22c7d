import type { AutoTopics } from '../cluster/auto-topics.js'
import type { MetadataImage, TopicImage } from '../cluster/metadata-image.js'
import { InternalTopic } from '../cluster/topic-name.js'
import type { BrokerConfig } from '../config/broker-config.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { coordinatorLog } from '../log/coordinator-log.js'
import type { LogManager } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'
import { UNSET_UUID } from '../protocol/reader.js'
import type { MarkerTargets } from '../transactions/marker-writer.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import type { PartitionObserver } from './metadata-changes.js'

/** Partitions of an internal topic, as created or as it would be. */
export function offsetsPartitionCount(image: MetadataImage, config: BrokerConfig): number {
  const existing = image.topicByName(InternalTopic.ConsumerOffsets)?.partitions.length
  return existing ?? config.number('offsets.topic.num.partitions')
}

export function transactionsPartitionCount(image: MetadataImage, config: BrokerConfig): number {
  const existing = image.topicByName(InternalTopic.TransactionState)?.partitions.length
  return existing ?? config.number('transaction.state.log.num.partitions')
}

/** Offsets of before Kafka 4.1 have no topic id; then the name decides alone. */
export function topicGone(image: MetadataImage): (topic: string, topicId: string) => boolean {
  return (name, id) => {
    const topic = image.topicByName(name)
    return topic === undefined || (id !== UNSET_UUID && topic.id !== id)
  }
}

/** Loads and unloads the coordinators' shards as partitions of their topics come and go. */
export function coordinatorObserver(
  groups: GroupCoordinator,
  transactions: TransactionCoordinator,
): PartitionObserver {
  return {
    async opened(partition: Partition): Promise<void> {
      const { topic, partition: index, leaderEpoch } = partition
      if (topic === InternalTopic.ConsumerOffsets) await groups.load(index, coordinatorLog(partition))
      if (topic === InternalTopic.TransactionState) {
        await transactions.load(index, coordinatorLog(partition), leaderEpoch)
      }
    },
    async deleting({ name, partitions }: TopicImage): Promise<void> {
      if (name === InternalTopic.ConsumerOffsets) {
        for (const index of partitions.keys()) groups.unload(index)
      } else if (name === InternalTopic.TransactionState) {
        for (const index of partitions.keys()) transactions.unload(index)
      } else {
        await groups.topicsDeleted([name])
      }
    },
  }
}

/** Where the markers of transactions go; offsets of groups in a transaction follow theirs. */
export function markerTargets(
  image: MetadataImage,
  logs: LogManager,
  groups: GroupCoordinator,
): MarkerTargets {
  return {
    find(topic, partition) {
      if (image.topicByName(topic)?.partitions[partition] === undefined) return null
      return logs.partition(topic, partition)
    },
    ending({ topic }, marker) {
      if (topic === InternalTopic.ConsumerOffsets) groups.endingTransaction(marker)
    },
    written({ topic, partition }, marker) {
      if (topic === InternalTopic.ConsumerOffsets) groups.completeTransaction(partition, marker)
    },
  }
}

/** Rejects when the topic cannot be had. */
export function internalTopic(auto: AutoTopics, name: string): () => Promise<void> {
  return async () => {
    const topic = await auto.internal(name)
    if (topic === undefined) throw new Error(`${name} could not be created`)
  }
}
