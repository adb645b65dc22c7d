import type { RegisterBrokerRecord } from '../protocol/messages/metadata-records.js'

/** Kinds of things that carry configuration, as numbered on the wire. */
export const ResourceType = {
  Topic: 2,
  Broker: 4,
  BrokerLogger: 8,
  ClientMetrics: 16,
  Group: 32,
} as const

export interface PartitionImage {
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface TopicImage {
  readonly name: string
  /** 22 characters of base64url. */
  readonly id: string
  /** The broker's own topics, which clients see marked. */
  readonly internal: boolean
  /** Indexed by partition. */
  readonly partitions: readonly PartitionImage[]
  /** Overrides only. */
  readonly configs: ReadonlyMap<string, string>
}

export interface BrokerImage {
  readonly id: number
  readonly epoch: number
  readonly rack: string | null
  readonly fenced: boolean
  readonly endPoints: RegisterBrokerRecord['endPoints']
}

export interface FeatureLevel {
  readonly name: string
  readonly level: number
}

/** What everyone may read; changed by nobody but the metadata store, between two turns of the event loop. */
export interface MetadataImage {
  readonly clusterId: string
  readonly nodeId: number
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerImage>
  readonly features: ReadonlyMap<string, number>
  /** Offset of the last record applied, -1 before the first. */
  readonly offset: number
  readonly topicCount: number
  readonly partitionCount: number
  /** The next producer id nobody was given a block with. */
  readonly nextProducerId: number
  topicByName(name: string): TopicImage | undefined
  topicById(id: string): TopicImage | undefined
  topics(): Iterable<TopicImage>
  /** The name of an existing topic that maps to the same metric name, with `.` and `_` taken as one. */
  collidingTopic(name: string): string | undefined
  /** Overrides of a resource; empty when it has none. */
  configsOf(resourceType: number, resourceName: string): ReadonlyMap<string, string>
  /** Names of the resources of a type with at least one override. */
  configuredNames(resourceType: number): string[]
}
