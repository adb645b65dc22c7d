import { assert } from '../../base/assert.js'
import { EventTimer } from '../../coordinator/event-timer.js'
import type { Failable } from '../../coordinator/wait.js'
import { ErrorCode } from '../../protocol/errors.js'
import type { GroupMetadataValue } from '../../protocol/messages/group-metadata-records.js'
import type { GroupEvent } from '../events.js'
import { bytesOfProtocols, Held } from '../held.js'
import type { Protocol } from '../requests.js'
import { Member, sessionTimer } from './member.js'
import { ProtocolVotes } from './protocol-votes.js'
import { assertTransition, type GroupState } from './state.js'
import { subscribedTopicsOf } from './subscription.js'

export const CONSUMER_PROTOCOL_TYPE = 'consumer'

type StoredMember = GroupMetadataValue['members'][number]

/**
 * A classic group. `install` takes over a stored record and is how a group becomes Empty or Stable; everything else
 * changes memory only. A group without a protocol type is a simple one: somebody commits offsets under its name.
 *
 * Owned by its shard; changed by the transitions in this directory, which alone complete the waits of its members.
 */
export class Group {
  readonly groupId: string
  readonly members = new Map<string, Member>()
  /** Ids given out with MEMBER_ID_REQUIRED, whose owners have not joined with them yet. */
  readonly #pendingMembers = new Map<string, EventTimer<GroupEvent>>()
  /** Members of the present generation that have not sent SyncGroup. */
  readonly pendingSyncMembers = new Set<string>()
  readonly votes = new ProtocolVotes()
  readonly joinTimer: EventTimer<GroupEvent>
  readonly syncTimer: EventTimer<GroupEvent>
  /** Set while the first rebalance of an empty group waits for more members. */
  initialDelay: { readonly delayMs: number; readonly remainingMs: number } | null = null
  newMemberAdded = false
  generationId = 0
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  /** null when the topics cannot be known: another protocol type, or a subscription we cannot read. */
  subscribedTopics: ReadonlySet<string> | null = null
  stateTimestampMs: number
  awaitingJoin = 0
  readonly #held: Held
  readonly #staticMembers = new Map<string, Member>()
  #state: GroupState = 'Empty'

  constructor(groupId: string, nowMs: number, held = new Held()) {
    this.groupId = groupId
    this.#held = held
    this.stateTimestampMs = nowMs
    this.joinTimer = new EventTimer<GroupEvent>({ type: 'join-expired', groupId })
    this.syncTimer = new EventTimer<GroupEvent>({ type: 'sync-expired', groupId })
  }

  get state(): GroupState {
    return this.#state
  }

  get isConsumerGroup(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE
  }

  get pendingMembers(): ReadonlyMap<string, EventTimer<GroupEvent>> {
    return this.#pendingMembers
  }

  get allMembersJoined(): boolean {
    return this.awaitingJoin === this.members.size && this.#pendingMembers.size === 0
  }

  get rebalanceTimeoutMs(): number {
    let timeoutMs = 0
    for (const member of this.members.values()) timeoutMs = Math.max(timeoutMs, member.rebalanceTimeoutMs)
    return timeoutMs
  }

  transitionTo(state: GroupState, nowMs: number): void {
    assertTransition(this.#state, state)
    this.#state = state
    this.stateTimestampMs = nowMs
  }

  /** Makes the group what its record says. A live member keeps what is not in the record: waits, other protocols. */
  install(value: GroupMetadataValue): void {
    this.generationId = value.generation
    this.protocolType = value.protocolType === '' ? null : value.protocolType
    this.protocolName = value.protocol
    this.stateTimestampMs = value.currentStateTimestamp
    const kept = new Set(value.members.map(({ memberId }) => memberId))
    for (const memberId of [...this.members.keys()]) if (!kept.has(memberId)) this.remove(memberId)
    for (const stored of value.members) {
      const member = this.members.get(stored.memberId) ?? this.#restore(stored)
      this.#update(member, stored, value.protocol)
    }
    this.leaderId = value.leader
    this.subscribedTopics = this.#computeSubscribedTopics()
    this.#state = this.members.size === 0 ? 'Empty' : 'Stable'
  }

  add(member: Member, protocols: readonly Protocol[]): void {
    assert(!this.members.has(member.memberId), 'A member is added once.')
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, member)
    this.members.set(member.memberId, member)
    this.#held.members++
    this.setProtocols(member, protocols)
    this.leaderId ??= member.memberId
  }

  /** Takes the member out. Its waits must have been completed. */
  remove(memberId: string): void {
    const member = this.members.get(memberId)
    if (member !== undefined) {
      assert(member.joinWait === null && member.syncWait === null, 'A removed member waits for nothing.')
      this.members.delete(memberId)
      this.#held.members--
      this.setProtocols(member, [])
      const { groupInstanceId } = member
      if (groupInstanceId !== null && this.staticMember(groupInstanceId) === member) {
        this.#staticMembers.delete(groupInstanceId)
      }
    }
    this.pendingSyncMembers.delete(memberId)
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
  }

  /** The id is the member's from now on, if it joins with it before the timer expires. */
  expectJoin(memberId: string, timer: EventTimer<GroupEvent>): void {
    this.#pendingMembers.set(memberId, timer)
    this.#held.pendingMembers++
  }

  /** The timer to be cancelled, or undefined for an id nobody was given. */
  takePending(memberId: string): EventTimer<GroupEvent> | undefined {
    const timer = this.#pendingMembers.get(memberId)
    if (this.#pendingMembers.delete(memberId)) this.#held.pendingMembers--
    return timer
  }

  /** The group is gone, and what it held with it. */
  release(): void {
    this.#held.pendingMembers -= this.#pendingMembers.size
    this.#pendingMembers.clear()
    for (const memberId of [...this.members.keys()]) this.remove(memberId)
  }

  setProtocols(member: Member, protocols: readonly Protocol[]): void {
    this.#held.subscriptionBytes += bytesOfProtocols(protocols) - bytesOfProtocols(member.protocols)
    this.votes.remove(member.protocols)
    member.protocols = protocols
    this.votes.add(protocols)
  }

  staticMember(groupInstanceId: string): Member | undefined {
    return this.#staticMembers.get(groupInstanceId)
  }

  supportsProtocols(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0
    if (this.protocolType !== protocolType) return false
    return protocols.some(({ name }) => this.votes.supportedBy(name) === this.members.size)
  }

  /** NONE when the caller is who it says; the instance id decides before the member id does. */
  validateMember(memberId: string, groupInstanceId: string | null): number {
    if (groupInstanceId !== null) {
      const existing = this.staticMember(groupInstanceId)
      if (existing === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
      if (existing.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID
    }
    return this.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
  }

  /** Starts the next generation with the members there are. */
  nextGeneration(nowMs: number): void {
    this.generationId++
    this.protocolName = this.votes.select(this.members.values())
    this.subscribedTopics = this.#computeSubscribedTopics()
    this.pendingSyncMembers.clear()
    this.transitionTo('CompletingRebalance', nowMs)
  }

  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? this.isConsumerGroup
  }

  *timers(): Iterable<EventTimer<GroupEvent>> {
    yield this.joinTimer
    yield this.syncTimer
    yield* this.#pendingMembers.values()
    for (const member of this.members.values()) yield member.sessionTimer
  }

  *takeWaits(): Iterable<Failable> {
    for (const member of this.members.values()) {
      const { joinWait, syncWait } = member
      member.joinWait = null
      member.syncWait = null
      if (joinWait !== null) yield joinWait
      if (syncWait !== null) yield syncWait
    }
    this.awaitingJoin = 0
  }

  #restore(stored: StoredMember): Member {
    const member = new Member({ ...stored, sessionTimer: sessionTimer(this.groupId, stored.memberId) })
    this.add(member, [])
    return member
  }

  #update(member: Member, stored: StoredMember, protocol: string | null): void {
    const { sessionTimeout, rebalanceTimeout, subscription, assignment } = stored
    member.sessionTimeoutMs = sessionTimeout
    // Version 0 of the record had no rebalance timeout.
    member.rebalanceTimeoutMs = rebalanceTimeout === -1 ? sessionTimeout : rebalanceTimeout
    member.assignment = assignment
    const known = member.protocols.some(
      ({ name, metadata }) => name === protocol && metadata.equals(subscription),
    )
    if (!known && protocol !== null) this.setProtocols(member, [{ name: protocol, metadata: subscription }])
  }

  #computeSubscribedTopics(): ReadonlySet<string> | null {
    if (!this.isConsumerGroup) return null
    const topics = new Set<string>()
    for (const member of this.members.values()) {
      const subscribed = subscribedTopicsOf(member.metadata(this.protocolName))
      if (subscribed === null) return null
      for (const topic of subscribed) topics.add(topic)
    }
    return topics
  }
}
