import { assert, unreachable } from '../base/assert.js'
import type { Random } from '../base/random.js'
import { EventTimer } from '../coordinator/event-timer.js'
import type { Origin, StateMachine } from '../coordinator/state-machine.js'
import type { Failable } from '../coordinator/wait.js'
import { ErrorCode } from '../protocol/errors.js'
import { deleteGroup } from './classic/delete.js'
import { sessionExpired } from './classic/expire.js'
import { Group } from './classic/group.js'
import { heartbeat } from './classic/heartbeat.js'
import { join } from './classic/join.js'
import { leave } from './classic/leave.js'
import { expectHeartbeat } from './classic/members.js'
import { joinExpired, prepareRebalance, syncExpired } from './classic/rebalance.js'
import { sync } from './classic/sync.js'
import type { GroupConfig } from './config.js'
import { joinConsumerGroup } from './consumer/classic-join.js'
import { heartbeatClassicMember, leaveClassicMembers, syncClassicMember } from './consumer/classic-member.js'
import { deleteConsumerGroup } from './consumer/delete.js'
import type { ConsumerEntry } from './consumer/entries.js'
import { type ConsumerEnvironment, defaultConsumerEnvironment } from './consumer/environment.js'
import { consumerRebalanceExpired, consumerSessionExpired } from './consumer/expire.js'
import { ConsumerGroup } from './consumer/group.js'
import { consumerHeartbeat } from './consumer/heartbeat.js'
import { resumeMembers } from './consumer/transitions.js'
import type { GroupEntry, GroupMetadataEntry, OffsetEntry } from './entries.js'
import type { GroupDeadline, GroupEffects, GroupEvent } from './events.js'
import { Held } from './held.js'
import {
  EXPIRY_GROUPS_PER_STEP,
  MEMBERS_PER_GROUP_MAX,
  MEMBERS_PER_SHARD_MAX,
  SUBSCRIPTION_BYTES_PER_SHARD_MAX,
} from './limits.js'
import { commitOffsets } from './offsets/commit.js'
import { expireConsumerOffsets, expireOffsets } from './offsets/expire.js'
import {
  deleteOffsets,
  removeOffsetsOfGoneTopics,
  removeOffsetsOfTopics,
  type TopicGone,
} from './offsets/remove.js'
import { OffsetStore } from './offsets/store.js'
import { commitTransactionOffsets } from './offsets/transaction.js'
import type { LeaveReply, LeaveRequest, MemberRequest } from './requests.js'

export interface GroupShardOptions {
  readonly config: GroupConfig
  readonly random: Random
  /** Tells operators what happened to a group; whoever gives it limits the rate, for clients cause it. */
  readonly notice: (event: string, fields: object) => void
  readonly consumers?: ConsumerEnvironment
  readonly isTopicGone?: TopicGone
}

/**
 * The groups of one partition of __consumer_offsets and their offsets: the state machine the runtime replicates.
 * `handle` finds the transition for an event, `apply` takes over one record; what they mean is in classic/ and
 * offsets/.
 */
export class GroupShard implements StateMachine<GroupEvent, GroupEntry> {
  /** Groups of the classic protocol and simple ones; a name is in this map or the next, never in both. */
  readonly groups = new Map<string, Group>()
  readonly consumerGroups = new Map<string, ConsumerGroup>()
  readonly offsets = new OffsetStore()
  readonly held = new Held()
  readonly config: GroupConfig
  readonly random: Random
  readonly notice: GroupShardOptions['notice']
  readonly consumers: ConsumerEnvironment
  readonly #isTopicGone: TopicGone
  readonly #expiryTimer = new EventTimer<GroupEvent>({ type: 'expire-offsets' })
  /** Groups still to be looked at in the present round of offset expiry. */
  #toExpire: string[] = []

  constructor(options: GroupShardOptions) {
    const { config, random, notice } = options
    const { consumers = defaultConsumerEnvironment, isTopicGone = () => false } = options
    const groupMaxSize = Math.min(config.groupMaxSize, MEMBERS_PER_GROUP_MAX)
    this.config = { ...config, groupMaxSize }
    this.random = random
    this.notice = notice
    this.consumers = {
      ...consumers,
      groupMaxSize: Math.min(consumers.groupMaxSize, MEMBERS_PER_GROUP_MAX),
    }
    this.#isTopicGone = isTopicGone
  }

  get groupCount(): number {
    return this.groups.size + this.consumerGroups.size
  }

  /** Why the shard cannot take what a member brings; NONE when it can. */
  refusalOfLoad({ bytes, isNew }: { readonly bytes: number; readonly isNew: boolean }): number {
    const { members, subscriptionBytes } = this.held
    if (isNew && members >= MEMBERS_PER_SHARD_MAX) return ErrorCode.GROUP_MAX_SIZE_REACHED
    const tooMuch = bytes > 0 && subscriptionBytes + bytes > SUBSCRIPTION_BYTES_PER_SHARD_MAX
    return tooMuch ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE
  }

  /** One that must exist. */
  group(groupId: string): Group {
    const group = this.groups.get(groupId)
    assert(group !== undefined, 'A group that was just stored is there.')
    return group
  }

  /** One that must exist. */
  consumerGroup(groupId: string): ConsumerGroup {
    const group = this.consumerGroups.get(groupId)
    assert(group !== undefined, 'A group that was just stored is there.')
    return group
  }

  handle(event: GroupEvent, effects: GroupEffects): void {
    switch (event.type) {
      case 'commit':
        effects.reply(event.wait, commitOffsets(this, event.request, effects))
        break
      case 'commit-in-transaction':
        effects.reply(event.wait, commitTransactionOffsets(this, event.request, effects))
        break
      case 'transaction-ended':
        this.applyMarker(event.producerId, event.committed)
        break
      case 'heartbeat':
        effects.reply(event.wait, this.#heartbeat(event.request, effects))
        break
      case 'consumer-heartbeat':
        effects.reply(event.wait, consumerHeartbeat(this, event.request, effects))
        break
      case 'join':
        this.#join(event, effects)
        break
      case 'sync':
        this.#sync(event, effects)
        break
      case 'leave':
        effects.reply(event.wait, this.#leave(event.request, effects))
        break
      case 'delete-offsets':
        effects.reply(event.wait, deleteOffsets(this, event.request, effects))
        break
      case 'delete-group':
        effects.reply(event.wait, this.#deleteGroup(event.groupId, effects))
        break
      case 'topics-deleted':
        removeOffsetsOfTopics(this, event.topics, effects)
        break
      default:
        this.#passDeadline(event, effects)
    }
  }

  #passDeadline(deadline: GroupDeadline, effects: GroupEffects): void {
    if (deadline.type === 'expire-offsets') {
      this.#expireOffsets(effects)
      return
    }
    if (deadline.type === 'consumer-session-expired') {
      consumerSessionExpired(this, deadline, effects)
      return
    }
    if (deadline.type === 'consumer-rebalance-expired') {
      consumerRebalanceExpired(this, deadline, effects)
      return
    }
    const group = this.groups.get(deadline.groupId)
    if (group === undefined) return
    switch (deadline.type) {
      case 'session-expired':
        sessionExpired(this, group, deadline.memberId, effects)
        break
      case 'join-expired':
        joinExpired(group, this.config, effects)
        break
      case 'sync-expired':
        syncExpired(group, this.config, effects)
        break
      default:
        unreachable(deadline)
    }
  }

  apply(entry: GroupEntry, origin: Origin): void {
    if (entry.type === 'offset') this.#applyOffset(entry, origin)
    else if (entry.type === 'group') this.#applyGroup(entry)
    else this.#applyConsumer(entry)
  }

  applyMarker(producerId: number, committed: boolean): void {
    this.offsets.endTransaction(producerId, committed)
  }

  loaded(effects: GroupEffects): void {
    // A broker that died between deleting a topic and saying so here left offsets that nobody will come for.
    removeOffsetsOfGoneTopics(this, this.#isTopicGone, effects)
    for (const group of this.groups.values()) {
      for (const member of group.members.values()) expectHeartbeat(member, effects)
      // The limit may have been lowered; a rebalance turns away whoever is too many.
      if (group.members.size > this.config.groupMaxSize) prepareRebalance(group, this.config, effects)
    }
    for (const group of this.consumerGroups.values()) resumeMembers(this, group, effects)
    effects.schedule(this.#expiryTimer, this.config.offsetsRetentionCheckIntervalMs)
  }

  *timers(): Iterable<EventTimer<GroupEvent>> {
    yield this.#expiryTimer
    for (const group of this.groups.values()) yield* group.timers()
    for (const group of this.consumerGroups.values()) yield* group.timers()
  }

  *takeWaits(): Iterable<Failable> {
    for (const group of this.groups.values()) yield* group.takeWaits()
  }

  #applyOffset({ group, topic, partition, value }: OffsetEntry, { position, producerId }: Origin): void {
    const place = { group, topic, partition }
    if (value === null) {
      this.offsets.remove(place)
      return
    }
    // Offsets without a group record belong to a simple group.
    const known = this.groups.has(group) || this.consumerGroups.has(group)
    if (!known) this.groups.set(group, new Group(group, value.commitTimestamp, this.held))
    if (producerId === -1) this.offsets.put(place, { value, position })
    else this.offsets.putPending(producerId, place, { value, position })
  }

  #applyGroup({ group: groupId, value }: GroupMetadataEntry): void {
    if (value === null) {
      this.#dropClassic(groupId)
      return
    }
    this.#dropConsumer(groupId)
    let group = this.groups.get(groupId)
    if (group === undefined) {
      group = new Group(groupId, value.currentStateTimestamp, this.held)
      this.groups.set(groupId, group)
    }
    group.install(value)
  }

  #applyConsumer(entry: ConsumerEntry): void {
    const { groupId } = entry.key
    if (entry.value === null && entry.type === 'consumer-epoch') {
      this.#dropConsumer(groupId)
      return
    }
    let group = this.consumerGroups.get(groupId)
    if (group === undefined) {
      // What is taken back of a group that is not there was taken back before.
      if (entry.value === null) return
      this.#dropClassic(groupId)
      group = new ConsumerGroup(groupId, this.held)
      this.consumerGroups.set(groupId, group)
    }
    group.apply(entry)
  }

  #dropClassic(groupId: string): void {
    this.groups.get(groupId)?.release()
    this.groups.delete(groupId)
  }

  #dropConsumer(groupId: string): void {
    this.consumerGroups.get(groupId)?.release()
    this.consumerGroups.delete(groupId)
  }

  #join(event: Extract<GroupEvent, { type: 'join' }>, effects: GroupEffects): void {
    const consumerGroup = this.consumerGroups.get(event.request.groupId)
    if (consumerGroup === undefined) join(this, event.request, event.wait, effects)
    else joinConsumerGroup(this, consumerGroup, event, effects)
  }

  #sync({ request, wait }: Extract<GroupEvent, { type: 'sync' }>, effects: GroupEffects): void {
    const consumerGroup = this.consumerGroups.get(request.groupId)
    if (consumerGroup === undefined) sync(this, request, wait, effects)
    else effects.reply(wait, syncClassicMember(this, consumerGroup, request, effects))
  }

  #heartbeat(request: MemberRequest, effects: GroupEffects): number {
    const consumerGroup = this.consumerGroups.get(request.groupId)
    if (consumerGroup === undefined) return heartbeat(this, request, effects)
    return heartbeatClassicMember(this, consumerGroup, request, effects)
  }

  #leave(request: LeaveRequest, effects: GroupEffects): LeaveReply {
    const consumerGroup = this.consumerGroups.get(request.groupId)
    if (consumerGroup === undefined) return leave(this, request, effects)
    return leaveClassicMembers(this, consumerGroup, request, effects)
  }

  #deleteGroup(groupId: string, effects: GroupEffects): number {
    const consumerGroup = this.consumerGroups.get(groupId)
    return consumerGroup === undefined
      ? deleteGroup(this, groupId, effects)
      : deleteConsumerGroup(this, consumerGroup, effects)
  }

  #expireOffsets(effects: GroupEffects): void {
    if (this.#toExpire.length === 0) this.#toExpire = [...this.groups.keys(), ...this.consumerGroups.keys()]
    for (const groupId of this.#toExpire.splice(0, EXPIRY_GROUPS_PER_STEP)) {
      const group = this.groups.get(groupId)
      const consumerGroup = this.consumerGroups.get(groupId)
      if (group !== undefined) expireOffsets(this, group, effects)
      if (consumerGroup !== undefined) expireConsumerOffsets(this, consumerGroup, effects)
    }
    const done = this.#toExpire.length === 0
    effects.schedule(this.#expiryTimer, done ? this.config.offsetsRetentionCheckIntervalMs : 0)
  }
}
