import type { MetadataRecord } from './metadata-record.js'
import type { MutableImage } from './mutable-image.js'

/** As in a new topic: the broker's only log directory that has it. */
const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAA'

/**
 * The fewest records that make this image from an empty one, in an order that can be applied: features, brokers,
 * each topic with its partitions, settings, producer ids. A record type that the image learns to hold must be
 * written here too, or a snapshot would lose it.
 */
export function* imageRecords(image: MutableImage): Iterable<MetadataRecord> {
  for (const [name, featureLevel] of image.features) {
    yield { type: 'FeatureLevel', value: { name, featureLevel } }
  }
  for (const value of image.registrations()) yield { type: 'RegisterBroker', value }
  for (const { name, id: topicId, partitions } of image.topics()) {
    yield { type: 'Topic', value: { name, topicId } }
    for (const [partitionId, partition] of partitions.entries()) {
      const { leader, leaderEpoch, partitionEpoch } = partition
      const value = {
        partitionId,
        topicId,
        replicas: [...partition.replicas],
        isr: [...partition.isr],
        removingReplicas: [],
        addingReplicas: [],
        leader,
        leaderRecoveryState: 0,
        leaderEpoch,
        partitionEpoch,
        directories: partition.replicas.map(() => UNASSIGNED),
        eligibleLeaderReplicas: null,
        lastKnownElr: null,
      }
      yield { type: 'Partition', value }
    }
  }
  for (const { resourceType, resourceName, configs } of image.allConfigs()) {
    for (const [name, value] of configs) {
      yield { type: 'Config', value: { resourceType, resourceName, name, value } }
    }
  }
  if (image.producerIds !== null) yield { type: 'ProducerIds', value: image.producerIds }
}
