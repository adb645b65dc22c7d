import type { MetadataImage } from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'

/**
 * Partitions without a leader get this broker when they have a replica on it: after Kafka's controlled shutdown
 * every partition of a single node is left without one. The change begins a new leader epoch.
 */
export function* planElections(image: MetadataImage): Generator<MetadataRecord> {
  const { nodeId } = image
  for (const topic of image.topics()) {
    for (const [partitionId, { leader, replicas }] of topic.partitions.entries()) {
      if (leader >= 0 || !replicas.includes(nodeId)) continue
      yield {
        type: 'PartitionChange',
        value: {
          partitionId,
          topicId: topic.id,
          isr: [nodeId],
          leader: nodeId,
          replicas: null,
          removingReplicas: null,
          addingReplicas: null,
          leaderRecoveryState: -1,
          directories: null,
          eligibleLeaderReplicas: null,
          lastKnownElr: null,
        },
      }
    }
  }
}
