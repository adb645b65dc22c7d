import { assert } from '../../base/assert.js'
import type { EventTimer } from '../../coordinator/event-timer.js'
import type { ConsumerGroupRegularExpressionValue } from '../../protocol/messages/consumer-group-records.js'
import type { GroupEvent } from '../events.js'
import { bytesOfProtocols, Held } from '../held.js'
import { Counts } from './counts.js'
import type { ConsumerEntry } from './entries.js'
import {
  ConsumerMember,
  currentAssignmentOf,
  LEAVE_EPOCH,
  type MemberMetadata,
  NOTHING_ASSIGNED,
} from './member.js'
import { NO_PARTITIONS, type PartitionEpochs, type TopicPartitions, topicPartitionsOf } from './partitions.js'

const INITIAL_EPOCH = 1

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

/**
 * A group of the consumer protocol. `apply` takes over a record and is the only way its durable state changes; the
 * transitions of this directory decide which records there are.
 *
 *   groupEpoch    grows when members, subscriptions or the topics subscribed to change
 *   targetEpoch   the group epoch for which the target assignment was computed
 *   member epoch  the target epoch a member has reached
 */
export class ConsumerGroup {
  /** As in Kafka a new group is in epoch 1, so that its first member gets 2 and no member is ever given 1. */
  groupEpoch = INITIAL_EPOCH
  /** Of the topics subscribed to when the group epoch grew last; another value means they changed. */
  metadataHash = 0n
  targetEpoch = INITIAL_EPOCH
  targetTimestampMs = 0
  readonly members = new Map<string, ConsumerMember>()
  readonly regexes = new Map<string, ConsumerGroupRegularExpressionValue>()
  /** A broker of before 4.1 left this record, which is of no use any more. */
  hasPartitionMetadata = false
  /** Version of the topics when they were last compared; memory only. */
  comparedTopicsVersion = -1
  /** How many members name a topic, or a pattern; counted, so that a join does not walk all the others. */
  readonly #topicNames = new Counts()
  readonly #patterns = new Counts()
  readonly #target = new Map<string, TopicPartitions>()
  readonly #staticMembers = new Map<string, string>()
  /** Who holds a partition, also while it is asked to give it up. */
  readonly #owners = new Map<string, Map<number, string>>()

  readonly #held: Held

  constructor(
    readonly groupId: string,
    held = new Held(),
  ) {
    this.#held = held
  }

  /** The group is gone, and what it held with it. */
  release(): void {
    for (const member of this.members.values()) {
      this.#held.members--
      this.#count(member.metadata, -1)
    }
    this.members.clear()
  }

  get state(): ConsumerGroupState {
    if (this.members.size === 0) return 'Empty'
    if (this.groupEpoch > this.targetEpoch) return 'Assigning'
    for (const member of this.members.values()) {
      if (!member.isReconciledTo(this.targetEpoch)) return 'Reconciling'
    }
    return 'Stable'
  }

  /** One that must exist. */
  member(memberId: string): ConsumerMember {
    const member = this.members.get(memberId)
    assert(member !== undefined, 'A member that was just stored is there.')
    return member
  }

  staticMember(instanceId: string): ConsumerMember | undefined {
    const memberId = this.#staticMembers.get(instanceId)
    return memberId === undefined ? undefined : this.members.get(memberId)
  }

  target(memberId: string): TopicPartitions {
    return this.#target.get(memberId) ?? NO_PARTITIONS
  }

  hasTarget(memberId: string): boolean {
    return this.#target.has(memberId)
  }

  /** Ids with a target assignment. */
  targetMembers(): Iterable<string> {
    return this.#target.keys()
  }

  isOwned(topicId: string, partition: number): boolean {
    return this.#owners.get(topicId)?.has(partition) ?? false
  }

  /** The assignor most members ask for. */
  preferredAssignor(): string | null {
    const votes = new Map<string, number>()
    let best: string | null = null
    for (const { metadata } of this.members.values()) {
      const { serverAssignor } = metadata
      if (serverAssignor === null) continue
      const count = (votes.get(serverAssignor) ?? 0) + 1
      votes.set(serverAssignor, count)
      if (best === null || count > (votes.get(best) ?? 0)) best = serverAssignor
    }
    return best
  }

  isSubscribedTo(topic: string): boolean {
    if (this.#topicNames.has(topic)) return true
    for (const { topics } of this.regexes.values()) if (topics.includes(topic)) return true
    return false
  }

  /** Names of every topic that some member subscribes to, whether it exists or not. */
  subscribedTopics(): Set<string> {
    const names = new Set(this.#topicNames.keys())
    for (const { topics } of this.regexes.values()) for (const name of topics) names.add(name)
    return names
  }

  hasPattern(pattern: string): boolean {
    return this.#patterns.has(pattern)
  }

  /** Every pattern that some member subscribes by, resolved or not. */
  patterns(): Iterable<string> {
    return this.#patterns.keys()
  }

  apply(entry: ConsumerEntry): void {
    switch (entry.type) {
      case 'consumer-epoch':
        // The tombstone is applied by whoever holds the groups.
        if (entry.value === null) break
        this.groupEpoch = entry.value.epoch
        this.metadataHash = entry.value.metadataHash
        break
      case 'consumer-partitions':
        this.hasPartitionMetadata = entry.value !== null
        break
      case 'consumer-member':
        this.#applyMember(entry)
        break
      case 'consumer-target-epoch':
        this.targetEpoch = entry.value?.assignmentEpoch ?? -1
        this.targetTimestampMs = entry.value?.assignmentTimestamp ?? 0
        break
      case 'consumer-target':
        if (entry.value === null) this.#target.delete(entry.key.memberId)
        else this.#target.set(entry.key.memberId, topicPartitionsOf(entry.value.topicPartitions))
        break
      case 'consumer-current':
        this.#applyCurrent(entry)
        break
      case 'consumer-regex':
        if (entry.value === null) this.regexes.delete(entry.key.regularExpression)
        else this.regexes.set(entry.key.regularExpression, entry.value)
    }
  }

  *timers(): Iterable<EventTimer<GroupEvent>> {
    for (const { sessionTimer, rebalanceTimer } of this.members.values()) {
      yield sessionTimer
      yield rebalanceTimer
    }
  }

  #applyMember({ key: { memberId }, value }: Extract<ConsumerEntry, { type: 'consumer-member' }>): void {
    const member = this.members.get(memberId)
    if (member !== undefined) this.#forgetInstance(member)
    if (member !== undefined) this.#count(member.metadata, -1)
    if (value !== null) this.#count(value, 1)
    this.#held.members += (value === null ? 0 : 1) - (member === undefined ? 0 : 1)
    if (value === null) {
      if (member !== undefined) this.#disown(member)
      this.members.delete(memberId)
      return
    }
    if (value.instanceId !== null) this.#staticMembers.set(value.instanceId, memberId)
    if (member !== undefined) member.metadata = value
    else this.members.set(memberId, new ConsumerMember(this.groupId, memberId, value))
  }

  #applyCurrent({ key: { memberId }, value }: Extract<ConsumerEntry, { type: 'consumer-current' }>): void {
    const member = this.members.get(memberId)
    if (value === null) {
      if (member === undefined) return
      this.#disown(member)
      member.current = { ...NOTHING_ASSIGNED, memberEpoch: LEAVE_EPOCH, previousMemberEpoch: LEAVE_EPOCH }
      return
    }
    if (member === undefined) this.#held.members++
    const present = member ?? new ConsumerMember(this.groupId, memberId, unknownMetadata)
    this.members.set(memberId, present)
    this.#disown(present)
    present.current = currentAssignmentOf(value)
    this.#own(present.memberId, present.current.assigned)
    this.#own(present.memberId, present.current.pendingRevocation)
  }

  #count(metadata: MemberMetadata, by: 1 | -1): void {
    const { subscribedTopicNames, subscribedTopicRegex } = metadata
    this.#held.subscriptionBytes += by * bytesOfMetadata(metadata)
    for (const name of subscribedTopicNames) this.#topicNames.add(name, by)
    if (subscribedTopicRegex) this.#patterns.add(subscribedTopicRegex, by)
  }

  #forgetInstance({ memberId, metadata: { instanceId } }: ConsumerMember): void {
    if (instanceId !== null && this.#staticMembers.get(instanceId) === memberId) {
      this.#staticMembers.delete(instanceId)
    }
  }

  #own(memberId: string, partitions: PartitionEpochs): void {
    for (const [topicId, indexes] of partitions) {
      const owners = this.#owners.get(topicId) ?? new Map<number, string>()
      for (const index of indexes.keys()) owners.set(index, memberId)
      this.#owners.set(topicId, owners)
    }
  }

  #disown({ memberId, current }: ConsumerMember): void {
    for (const partitions of [current.assigned, current.pendingRevocation]) {
      for (const [topicId, indexes] of partitions) {
        const owners = this.#owners.get(topicId)
        if (owners === undefined) continue
        for (const index of indexes.keys()) if (owners.get(index) === memberId) owners.delete(index)
        if (owners.size === 0) this.#owners.delete(topicId)
      }
    }
  }
}

/** About; what matters is that it goes with what a client sends. */
export function bytesOfMetadata(metadata: MemberMetadata): number {
  let bytes = metadata.subscribedTopicRegex?.length ?? 0
  for (const name of metadata.subscribedTopicNames) bytes += name.length
  return bytes + bytesOfProtocols(metadata.classicMemberMetadata?.supportedProtocols ?? [])
}

/** Compaction can leave an assignment before the record that names its member. */
const unknownMetadata = {
  instanceId: null,
  rackId: null,
  clientId: '',
  clientHost: '',
  subscribedTopicNames: [],
  subscribedTopicRegex: null,
  rebalanceTimeoutMs: -1,
  serverAssignor: null,
  classicMemberMetadata: null,
}
