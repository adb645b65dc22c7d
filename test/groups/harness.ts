import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { SeededRandom } from '../../src/base/random.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import { replayLog } from '../../src/coordinator/loader.js'
import { defaultGroupConfig, type GroupConfig } from '../../src/groups/config.js'
import { groupEntryCodec } from '../../src/groups/entries.js'
import { GroupCoordinator } from '../../src/groups/group-coordinator.js'
import { GroupShard } from '../../src/groups/group-shard.js'
import type { TopicGone } from '../../src/groups/offsets/remove.js'
import type { CommitRequest, JoinReply, JoinRequest, SyncReply } from '../../src/groups/requests.js'
import { ConsumerProtocolSubscription } from '../../src/protocol/messages/consumer-protocol.js'
import { encodeVersioned } from '../../src/protocol/versioned.js'
import { MemoryLog, settle } from '../coordinator/memory-log.js'

export const GROUP = 'my-group'

/** One coordinator over one partition, with everything around it in the test's hands. */
export class GroupWorld {
  readonly clock = new FakeClock()
  readonly timers = new TimingWheel({ clock: this.clock })
  readonly log: MemoryLog
  readonly coordinator: GroupCoordinator
  readonly config: GroupConfig

  /** Grows with every restart: a broker that drew the same ids again would meet members that have them. */
  readonly #seed: number

  private constructor(config: Partial<GroupConfig>, log: MemoryLog, seed: number, isTopicGone: TopicGone) {
    this.#seed = seed
    this.config = { ...defaultGroupConfig, ...config }
    this.log = log
    this.coordinator = new GroupCoordinator({
      config: this.config,
      partitionCount: () => 1,
      clock: this.clock,
      timers: this.timers,
      random: new SeededRandom(seed),
      logger: nullLogger,
      isTopicGone,
    })
  }

  static async start(
    config: Partial<GroupConfig> = {},
    log = new MemoryLog(),
    seed = 1,
    isTopicGone: TopicGone = () => false,
  ): Promise<GroupWorld> {
    const world = new GroupWorld(config, log, seed, isTopicGone)
    await world.coordinator.load(0, log)
    return world
  }

  /** The same log under a new coordinator, as after a restart. */
  async restarted(config: Partial<GroupConfig> = {}, isTopicGone?: TopicGone): Promise<GroupWorld> {
    this.coordinator.stop()
    await settle()
    return GroupWorld.start({ ...this.config, ...config }, this.log, this.#seed + 1, isTopicGone)
  }

  /** From deadline to deadline, so that a timer set by another one fires when it should. */
  async advance(ms: number, each: () => void = () => {}): Promise<void> {
    for (let left = ms; left > 0; ) {
      const step = Math.min(left, Math.max(Math.ceil(this.timers.advance()), 1))
      this.clock.advance(step)
      this.timers.advance()
      await settle()
      each()
      left -= step
    }
  }

  join(request: Partial<JoinRequest> = {}): Pending<JoinReply> {
    return new Pending(this.coordinator.joinGroup(joinRequest(request)))
  }

  sync(
    member: { memberId: string; generationId: number; groupInstanceId?: string | null },
    assignments: Record<string, string> = {},
    extra: { protocolType?: string | null; protocolName?: string | null } = {},
  ): Pending<SyncReply> {
    return new Pending(
      this.coordinator.syncGroup({
        groupId: GROUP,
        generationId: member.generationId,
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId ?? null,
        protocolType: null,
        protocolName: null,
        assignments: Object.entries(assignments).map(([memberId, text]) => ({
          memberId,
          assignment: Buffer.from(text),
        })),
        ...extra,
      }),
    )
  }

  heartbeat(member: {
    memberId: string
    generationId: number
    groupInstanceId?: string | null
  }): Promise<number> {
    return this.coordinator.heartbeat({ groupId: GROUP, ...pick(member) })
  }

  leave(...members: { memberId?: string; groupInstanceId?: string | null }[]) {
    return this.coordinator.leaveGroup({
      groupId: GROUP,
      members: members.map((member) => ({ memberId: '', groupInstanceId: null, reason: null, ...member })),
    })
  }

  async commit(
    request: Partial<CommitRequest> & { offset?: number; metadata?: string } = {},
  ): Promise<number> {
    const topics = await this.coordinator.commitOffsets(commitRequest(request))
    return topics[0]?.partitions[0]?.errorCode ?? -2
  }

  async fetch(topic = 'topic', partition = 0, groupId = GROUP, requireStable = false): Promise<number> {
    const topics = [{ name: topic, partitionIndexes: [partition] }]
    const reply = await this.coordinator.fetchOffsets({ groupId, topics, requireStable })
    return reply.topics[0]?.partitions[0]?.committedOffset ?? -2
  }

  async state(groupId = GROUP): Promise<string> {
    return (await this.coordinator.describeGroup(groupId)).groupState
  }

  /** A dynamic member that knows its id, parked in the join phase. */
  async newMember(request: Partial<JoinRequest> = {}): Promise<Pending<JoinReply>> {
    const { memberId } = await this.join(request).value
    const pending = this.join({ ...request, memberId })
    await settle()
    return pending
  }

  /** Two members that know their generation and have not synced. */
  async completing(request: Partial<JoinRequest> = {}): Promise<{ leader: JoinReply; follower: JoinReply }> {
    const joins = [await this.newMember(request), await this.newMember(request)]
    await this.advance(2 * this.config.groupInitialRebalanceDelayMs)
    const [leader, follower] = await Promise.all(joins.map(({ value }) => value))
    return { leader: leader as JoinReply, follower: follower as JoinReply }
  }

  /** Members that joined, synced and are stable; the first one leads. */
  async stable(...requests: Partial<JoinRequest>[]): Promise<JoinReply[]> {
    const joins: Pending<JoinReply>[] = []
    for (const request of requests) {
      joins.push(request.groupInstanceId ? this.join(request) : await this.newMember(request))
      await settle()
    }
    await this.advance(this.config.groupInitialRebalanceDelayMs * (requests.length + 1))
    const replies = await Promise.all(joins.map(({ value }) => value))
    await this.syncAll(replies)
    return replies
  }

  async syncAll(replies: readonly JoinReply[]): Promise<SyncReply[]> {
    const assignments = Object.fromEntries(replies.map(({ memberId }) => [memberId, `to ${memberId}`]))
    const syncs = replies.map((reply) => this.sync(reply, reply.leader === reply.memberId ? assignments : {}))
    return Promise.all(syncs.map(({ value }) => value))
  }

  /** The live state, once loaded. */
  shard(): GroupShard | undefined {
    return this.coordinator.inspect(0)
  }

  /** The state the log alone gives. */
  async replayed(): Promise<GroupShard> {
    return replayed(this.log, this.config)
  }
}

export async function replayed(log: MemoryLog, config: GroupConfig): Promise<GroupShard> {
  const machine = new GroupShard({ config, random: new SeededRandom(9), notice: () => {} })
  const compression = {
    compress: () => Promise.reject(new Error('unused')),
    decompress: () => Promise.reject(new Error('unused')),
  }
  await replayLog({ log, machine, codec: groupEntryCodec, compression, wanted: () => true })
  return machine
}

/** A promise whose state can be asked. */
export class Pending<T> {
  done = false
  constructor(readonly value: Promise<T>) {
    value.then(() => {
      this.done = true
    })
  }
}

export function joinRequest(request: Partial<JoinRequest> = {}): JoinRequest {
  return {
    groupId: GROUP,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription('topic') }],
    reason: null,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    requireKnownMemberId: true,
    supportsSkippingAssignment: true,
    ...request,
  }
}

export function commitRequest(
  request: Partial<CommitRequest> & { offset?: number; metadata?: string } = {},
): CommitRequest {
  const { offset = 5, metadata = '', ...rest } = request
  const partition = {
    partitionIndex: 0,
    committedOffset: offset,
    committedLeaderEpoch: 3,
    committedMetadata: metadata,
  }
  return {
    groupId: GROUP,
    generationId: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1,
    topics: [{ name: 'topic', topicId: TOPIC_ID, partitions: [partition] }],
    knowsGroupIdNotFound: true,
    ...rest,
  }
}

export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

export function subscription(...topics: string[]): Buffer {
  return encodeVersioned(ConsumerProtocolSubscription, 1, { topics, userData: null, ownedPartitions: [] })
}

function pick({
  memberId,
  generationId,
  groupInstanceId = null,
}: {
  memberId: string
  generationId: number
  groupInstanceId?: string | null
}) {
  return { memberId, generationId, groupInstanceId }
}

/** What a restart must give back: offsets, and the groups that are not in the middle of a rebalance. */
export function durable(shard: GroupShard, only?: ReadonlySet<string>): unknown {
  const groups = [...shard.groups.values()].filter(({ groupId, state }) =>
    only ? only.has(groupId) : state === 'Stable' || state === 'Empty',
  )
  return {
    offsets: shard.offsets.snapshot().sort(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    groups: groups.map((group) => ({
      groupId: group.groupId,
      state: group.state,
      generationId: group.generationId,
      protocolType: group.protocolType,
      protocolName: group.protocolName,
      leaderId: group.leaderId,
      subscribedTopics: group.subscribedTopics,
      stateTimestampMs: group.stateTimestampMs,
      members: [...group.members.values()]
        .map((member) => ({
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId,
          sessionTimeoutMs: member.sessionTimeoutMs,
          rebalanceTimeoutMs: member.rebalanceTimeoutMs,
          metadata: member.metadata(group.protocolName),
          assignment: member.assignment,
        }))
        .sort((a, b) => (a.memberId < b.memberId ? -1 : 1)),
    })),
  }
}
