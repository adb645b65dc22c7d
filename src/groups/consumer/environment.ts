import type { Assignor } from '../assignors/assignor.js'
import { assignorsOf } from '../assignors/assignors.js'
import { noTopics, type TopicSource } from './topics.js'

/** The timings of one group, its own overrides applied. Asked with every heartbeat, so it must cost nothing. */
export interface ConsumerGroupSettings {
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly assignmentIntervalMs: number
}

/** What consumer groups must be told from outside: the topics, and settings that may change while they live. */
export interface ConsumerEnvironment {
  readonly topics: TopicSource
  /** Offered to members; the first is the default. */
  readonly assignors: readonly Assignor[]
  /** group.consumer.max.size */
  readonly groupMaxSize: number
  /** group.consumer.migration.policy lets a classic group with members become a consumer group. */
  readonly upgrades: boolean
  /** group.consumer.migration.policy lets a group whose last member of the consumer protocol left become classic. */
  readonly downgrades: boolean
  /** group.consumer.regex.refresh.interval.ms */
  readonly regexRefreshIntervalMs: number
  settingsOf(groupId: string): ConsumerGroupSettings
}

/** Kafka's defaults, in a world without topics. */
export const defaultConsumerEnvironment: ConsumerEnvironment = {
  topics: noTopics,
  assignors: assignorsOf(['uniform', 'range']),
  groupMaxSize: 0x7fffffff,
  upgrades: true,
  downgrades: true,
  regexRefreshIntervalMs: 600_000,
  settingsOf: () => ({ sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5_000, assignmentIntervalMs: 1_000 }),
}
