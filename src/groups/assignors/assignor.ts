import type { TopicPartitions } from '../consumer/partitions.js'

export interface AssignorMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly rackId: string | null
  /** Topics it subscribes to that exist. */
  readonly topicIds: ReadonlySet<string>
  /** Its last target, which a sticky assignor keeps as far as balance allows. */
  readonly assigned: TopicPartitions
}

export interface AssignorTopic {
  readonly id: string
  readonly partitionCount: number
  racksOf(partition: number): readonly string[]
}

/** Gives each partition of each topic to one of the members that subscribe to it. Pure: equal input, equal output. */
export interface Assignor {
  readonly name: string
  assign(
    members: readonly AssignorMember[],
    topics: ReadonlyMap<string, AssignorTopic>,
  ): ReadonlyMap<string, TopicPartitions>
}
