/*
 * Cluster metadata records, as kept in __cluster_metadata: topics, partitions, brokers, configuration. Their frame
 * is in metadata-frame.ts.
 */

import { array, bool, data, type Infer, int8, int16, int32, int64, string, uint16, uuid } from '../schema.js'

/*
 *   v1   gains inControlledShutdown
 *   v2   gains isMigratingZkBroker
 *   v3   gains logDirs
 *   v4   gains cordonedLogDirs
 */
export const RegisterBrokerRecord = data(
  { key: 0, valid: [0, 4], flexible: 0 },
  {
    brokerId: int32(),
    isMigratingZkBroker: bool({ since: 2 }),
    incarnationId: uuid(),
    brokerEpoch: int64(),
    endPoints: array({ name: string(), host: string(), port: uint16(), securityProtocol: int16() }),
    features: array({ name: string(), minSupportedVersion: int16(), maxSupportedVersion: int16() }),
    rack: string({ nullable: true }),
    fenced: bool({ default: true }),
    inControlledShutdown: bool({ since: 1 }),
    logDirs: array(uuid(), { since: 3, tag: 0 }),
    cordonedLogDirs: array(uuid(), { since: 4, nullable: true, default: null, tag: 1 }),
  },
)
export type RegisterBrokerRecord = Infer<typeof RegisterBrokerRecord>

export const UnregisterBrokerRecord = data(
  { key: 1, valid: [0, 0], flexible: 0 },
  { brokerId: int32(), brokerEpoch: int64() },
)
export type UnregisterBrokerRecord = Infer<typeof UnregisterBrokerRecord>

export const TopicRecord = data({ key: 2, valid: [0, 0], flexible: 0 }, { name: string(), topicId: uuid() })
export type TopicRecord = Infer<typeof TopicRecord>

/*
 *   v1   gains directories
 *   v2   gains eligibleLeaderReplicas, lastKnownElr
 */
export const PartitionRecord = data(
  { key: 3, valid: [0, 2], flexible: 0 },
  {
    partitionId: int32({ default: -1 }),
    topicId: uuid(),
    replicas: array(int32()),
    isr: array(int32()),
    removingReplicas: array(int32()),
    addingReplicas: array(int32()),
    leader: int32({ default: -1 }),
    leaderRecoveryState: int8({ tag: 0 }),
    leaderEpoch: int32({ default: -1 }),
    partitionEpoch: int32({ default: -1 }),
    directories: array(uuid(), { since: 1 }),
    eligibleLeaderReplicas: array(int32(), { since: 2, nullable: true, default: null, tag: 1 }),
    lastKnownElr: array(int32(), { since: 2, nullable: true, default: null, tag: 2 }),
  },
)
export type PartitionRecord = Infer<typeof PartitionRecord>

export const ConfigRecord = data(
  { key: 4, valid: [0, 0], flexible: 0 },
  { resourceType: int8(), resourceName: string(), name: string(), value: string({ nullable: true }) },
)
export type ConfigRecord = Infer<typeof ConfigRecord>

/*
 *   v1   gains directories
 *   v2   gains eligibleLeaderReplicas, lastKnownElr
 */
export const PartitionChangeRecord = data(
  { key: 5, valid: [0, 2], flexible: 0 },
  {
    partitionId: int32({ default: -1 }),
    topicId: uuid(),
    isr: array(int32(), { nullable: true, default: null, tag: 0 }),
    leader: int32({ default: -2, tag: 1 }),
    replicas: array(int32(), { nullable: true, default: null, tag: 2 }),
    removingReplicas: array(int32(), { nullable: true, default: null, tag: 3 }),
    addingReplicas: array(int32(), { nullable: true, default: null, tag: 4 }),
    leaderRecoveryState: int8({ default: -1, tag: 5 }),
    directories: array(uuid(), { since: 1, nullable: true, default: null, tag: 8 }),
    eligibleLeaderReplicas: array(int32(), { since: 2, nullable: true, default: null, tag: 6 }),
    lastKnownElr: array(int32(), { since: 2, nullable: true, default: null, tag: 7 }),
  },
)
export type PartitionChangeRecord = Infer<typeof PartitionChangeRecord>

export const RemoveTopicRecord = data({ key: 9, valid: [0, 0], flexible: 0 }, { topicId: uuid() })
export type RemoveTopicRecord = Infer<typeof RemoveTopicRecord>

export const FeatureLevelRecord = data(
  { key: 12, valid: [0, 0], flexible: 0 },
  { name: string(), featureLevel: int16() },
)
export type FeatureLevelRecord = Infer<typeof FeatureLevelRecord>

export const ProducerIdsRecord = data(
  { key: 15, valid: [0, 0], flexible: 0 },
  { brokerId: int32(), brokerEpoch: int64({ default: -1 }), nextProducerId: int64() },
)
export type ProducerIdsRecord = Infer<typeof ProducerIdsRecord>

/*
 *   v1   gains inControlledShutdown
 *   v2   gains logDirs
 *   v3   gains cordonedLogDirs
 */
export const BrokerRegistrationChangeRecord = data(
  { key: 17, valid: [0, 3], flexible: 0 },
  {
    brokerId: int32(),
    brokerEpoch: int64(),
    fenced: int8({ tag: 0 }),
    inControlledShutdown: int8({ since: 1, tag: 1 }),
    logDirs: array(uuid(), { since: 2, tag: 2 }),
    cordonedLogDirs: array(uuid(), { since: 3, nullable: true, default: null, tag: 3 }),
  },
)
export type BrokerRegistrationChangeRecord = Infer<typeof BrokerRegistrationChangeRecord>

export const NoOpRecord = data({ key: 20, valid: [0, 0], flexible: 0 }, {})
export type NoOpRecord = Infer<typeof NoOpRecord>
