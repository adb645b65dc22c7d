import { assert } from '../base/assert.js'
import type {
  ConfigRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
} from '../protocol/messages/metadata-records.js'
import type { MetadataDelta } from './metadata-delta.js'
import {
  type BrokerImage,
  type MetadataImage,
  type PartitionImage,
  ResourceType,
  type TopicImage,
} from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'
import { collisionKey, isInternal } from './topic-name.js'

type Topic = {
  -readonly [K in keyof TopicImage]: TopicImage[K]
} & { partitions: PartitionImage[] }

const NO_CONFIGS: ReadonlyMap<string, string> = new Map()

/** The image the metadata store keeps. `apply` takes one whole batch: nobody sees half an operation. */
export class MutableImage implements MetadataImage {
  readonly clusterId: string
  readonly nodeId: number
  readonly controllerId: number
  readonly brokers = new Map<number, BrokerImage>()
  readonly features = new Map<string, number>()
  offset = -1
  partitionCount = 0
  /** The last block of producer ids that was given out. */
  producerIds: ProducerIdsRecord | null = null
  private readonly registered = new Map<number, RegisterBrokerRecord>()
  private readonly byName = new Map<string, Topic>()
  private readonly byId = new Map<string, Topic>()
  private readonly byCollisionKey = new Map<string, string>()
  private readonly configs = new Map<number, Map<string, ReadonlyMap<string, string>>>()

  constructor({ clusterId, nodeId }: { clusterId: string; nodeId: number }) {
    this.clusterId = clusterId
    this.nodeId = nodeId
    this.controllerId = nodeId
  }

  get nextProducerId(): number {
    return this.producerIds?.nextProducerId ?? 0
  }

  get topicCount(): number {
    return this.byName.size
  }

  topicByName(name: string): TopicImage | undefined {
    return this.byName.get(name)
  }

  topicById(id: string): TopicImage | undefined {
    return this.byId.get(id)
  }

  topics(): Iterable<TopicImage> {
    return this.byName.values()
  }

  collidingTopic(name: string): string | undefined {
    return this.byCollisionKey.get(collisionKey(name))
  }

  configsOf(resourceType: number, resourceName: string): ReadonlyMap<string, string> {
    return this.configs.get(resourceType)?.get(resourceName) ?? NO_CONFIGS
  }

  configuredNames(resourceType: number): string[] {
    return [...(this.configs.get(resourceType)?.keys() ?? [])]
  }

  /** Each broker as it registered last, with what changed since. */
  registrations(): Iterable<RegisterBrokerRecord> {
    return this.registered.values()
  }

  *allConfigs(): Iterable<{
    readonly resourceType: number
    readonly resourceName: string
    readonly configs: ReadonlyMap<string, string>
  }> {
    for (const [resourceType, resources] of this.configs) {
      for (const [resourceName, configs] of resources) yield { resourceType, resourceName, configs }
    }
  }

  apply(records: readonly MetadataRecord[], lastOffset: number): MetadataDelta {
    const changes = new Changes()
    for (const record of records) this.applyOne(record, changes)
    this.offset = lastOffset
    return changes.toDelta()
  }

  private applyOne(record: MetadataRecord, changes: Changes): void {
    switch (record.type) {
      case 'RegisterBroker':
        this.registerBroker(record.value)
        break
      case 'BrokerRegistrationChange':
        this.changeBroker(record.value.brokerId, record.value.fenced)
        break
      case 'Topic':
        this.addTopic(record.value, changes)
        break
      case 'Partition':
        this.addPartition(record.value, changes)
        break
      case 'PartitionChange':
        this.changePartition(record.value)
        break
      case 'RemoveTopic':
        this.removeTopic(record.value.topicId, changes)
        break
      case 'Config':
        this.configure(record.value, changes)
        break
      case 'FeatureLevel':
        this.setFeature(record.value)
        break
      case 'ProducerIds':
        this.producerIds = record.value
    }
  }

  private registerBroker(value: RegisterBrokerRecord): void {
    const { brokerId: id, brokerEpoch: epoch, rack, fenced, endPoints } = value
    this.brokers.set(id, { id, epoch, rack, fenced, endPoints })
    this.registered.set(id, value)
  }

  /** -1 unfences, 1 fences, 0 leaves as it is. */
  private changeBroker(id: number, fencedChange: number): void {
    const broker = this.brokers.get(id)
    if (broker !== undefined && fencedChange !== 0) {
      const fenced = fencedChange > 0
      this.brokers.set(id, { ...broker, fenced })
      this.registered.set(id, { ...(this.registered.get(id) as RegisterBrokerRecord), fenced })
    }
  }

  private addTopic({ name, topicId: id }: { name: string; topicId: string }, changes: Changes): void {
    const configs = this.configsOf(ResourceType.Topic, name)
    const topic: Topic = { name, id, internal: isInternal(name), partitions: [], configs }
    this.byName.set(name, topic)
    this.byId.set(id, topic)
    this.byCollisionKey.set(collisionKey(name), name)
    changes.created.add(topic)
  }

  private addPartition(value: PartitionRecord, changes: Changes): void {
    const topic = this.byId.get(value.topicId)
    assert(topic !== undefined, `Partition record of the unknown topic ${value.topicId}.`)
    const { partitionId, leader, leaderEpoch, partitionEpoch, replicas, isr } = value
    if (partitionId >= topic.partitions.length) {
      this.partitionCount++
      if (!changes.created.has(topic) && !changes.grown.has(topic)) changes.grown.set(topic, partitionId)
    }
    topic.partitions[partitionId] = { leader, leaderEpoch, partitionEpoch, replicas, isr }
  }

  private changePartition(value: PartitionChangeRecord): void {
    const topic = this.byId.get(value.topicId)
    const before = topic?.partitions[value.partitionId]
    if (topic === undefined || before === undefined) return
    // -2 keeps the leader; naming one, even the same, begins a new leader epoch.
    const leads = value.leader !== -2
    topic.partitions[value.partitionId] = {
      leader: leads ? value.leader : before.leader,
      leaderEpoch: leads ? before.leaderEpoch + 1 : before.leaderEpoch,
      partitionEpoch: before.partitionEpoch + 1,
      replicas: value.replicas ?? before.replicas,
      isr: value.isr ?? before.isr,
    }
  }

  private removeTopic(id: string, changes: Changes): void {
    const topic = this.byId.get(id)
    if (topic === undefined) return
    this.byId.delete(id)
    this.byName.delete(topic.name)
    this.byCollisionKey.delete(collisionKey(topic.name))
    this.configs.get(ResourceType.Topic)?.delete(topic.name)
    this.partitionCount -= topic.partitions.length
    changes.remove(topic)
  }

  private configure({ resourceType, resourceName, name, value }: ConfigRecord, changes: Changes): void {
    let resources = this.configs.get(resourceType)
    if (resources === undefined) {
      resources = new Map()
      this.configs.set(resourceType, resources)
    }
    const configs = new Map(resources.get(resourceName))
    if (value === null) configs.delete(name)
    else configs.set(name, value)
    if (configs.size === 0) resources.delete(resourceName)
    else resources.set(resourceName, configs)
    if (resourceType !== ResourceType.Topic) {
      changes.resources.set(`${resourceType} ${resourceName}`, { resourceType, resourceName })
      return
    }
    const topic = this.byName.get(resourceName)
    if (topic === undefined) return
    topic.configs = configs
    if (!changes.created.has(topic)) changes.reconfigured.add(topic)
  }

  private setFeature({ name, featureLevel }: { name: string; featureLevel: number }): void {
    if (featureLevel === 0) this.features.delete(name)
    else this.features.set(name, featureLevel)
  }
}

class Changes {
  readonly created = new Set<TopicImage>()
  readonly grown = new Map<TopicImage, number>()
  readonly deleted = new Set<TopicImage>()
  readonly reconfigured = new Set<TopicImage>()
  readonly resources = new Map<string, { resourceType: number; resourceName: string }>()

  /** A topic made and removed in the same batch never existed for anyone. */
  remove(topic: TopicImage): void {
    if (!this.created.delete(topic)) this.deleted.add(topic)
    this.grown.delete(topic)
    this.reconfigured.delete(topic)
  }

  toDelta(): MetadataDelta {
    return {
      topicsCreated: [...this.created],
      partitionsAdded: [...this.grown].map(([topic, firstPartition]) => ({ topic, firstPartition })),
      topicsDeleted: [...this.deleted],
      topicsReconfigured: [...this.reconfigured],
      resourcesReconfigured: [...this.resources.values()],
    }
  }
}
