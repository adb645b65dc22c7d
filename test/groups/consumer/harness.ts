import { FakeClock } from '../../../src/base/clock.js'
import { nullLogger } from '../../../src/base/logger.js'
import { SeededRandom } from '../../../src/base/random.js'
import { TimingWheel } from '../../../src/base/timing-wheel.js'
import { replayLog } from '../../../src/coordinator/loader.js'
import { defaultGroupConfig } from '../../../src/groups/config.js'
import {
  type ConsumerEnvironment,
  defaultConsumerEnvironment,
} from '../../../src/groups/consumer/environment.js'
import type { ConsumerGroup } from '../../../src/groups/consumer/group.js'
import { listed } from '../../../src/groups/consumer/partitions.js'
import type {
  ConsumerHeartbeatReply,
  ConsumerHeartbeatRequest,
} from '../../../src/groups/consumer/requests.js'
import type { TopicSource } from '../../../src/groups/consumer/topics.js'
import { groupEntryCodec } from '../../../src/groups/entries.js'
import { GroupCoordinator } from '../../../src/groups/group-coordinator.js'
import { GroupShard } from '../../../src/groups/group-shard.js'
import { MemoryLog, settle } from '../../coordinator/memory-log.js'
import { GROUP } from '../harness.js'

/** Topics whose ids are their names, padded. */
export class FakeTopics implements TopicSource {
  version = 0
  readonly counts = new Map<string, number>()

  set(name: string, partitionCount: number): void {
    this.counts.set(name, partitionCount)
    this.version++
  }

  delete(name: string): void {
    this.counts.delete(name)
    this.version++
  }

  byName(name: string) {
    const partitionCount = this.counts.get(name)
    if (partitionCount === undefined) return undefined
    return { name, id: idOf(name), partitionCount, racksOf: () => [] }
  }

  byId(id: string) {
    return this.byName([...this.counts.keys()].find((name) => idOf(name) === id) ?? '')
  }

  names(): Iterable<string> {
    return this.counts.keys()
  }
}

/** Twenty-two characters of which the last holds two bits, as every uuid has. */
export function idOf(name: string): string {
  return `${name
    .replaceAll(/[^A-Za-z0-9]/g, '_')
    .padEnd(21, 'x')
    .slice(0, 21)}A`
}

export type Partitions = Record<string, number[]>

/** One coordinator over one partition, with topics, log and clock in the test's hands. */
export class ConsumerWorld {
  readonly timers: TimingWheel
  readonly coordinator: GroupCoordinator

  private constructor(
    readonly log: MemoryLog,
    readonly topics: FakeTopics,
    readonly consumers: ConsumerEnvironment,
    readonly clock: FakeClock,
    seed: number,
  ) {
    this.timers = new TimingWheel({ clock })
    this.coordinator = new GroupCoordinator({
      config: defaultGroupConfig,
      partitionCount: () => 1,
      consumers,
      clock,
      timers: this.timers,
      random: new SeededRandom(seed),
      logger: nullLogger,
    })
  }

  /** Assigns at once unless told otherwise. */
  static async start(
    topics: Record<string, number> = { topic: 3 },
    environment: Partial<ConsumerEnvironment> = {},
  ): Promise<ConsumerWorld> {
    const source = new FakeTopics()
    for (const [name, count] of Object.entries(topics)) source.set(name, count)
    const settings = { sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5_000, assignmentIntervalMs: 0 }
    const consumers = {
      ...defaultConsumerEnvironment,
      settingsOf: () => settings,
      ...environment,
      topics: source,
    }
    const world = new ConsumerWorld(new MemoryLog(), source, consumers, new FakeClock(), 1)
    await world.coordinator.load(0, world.log)
    return world
  }

  /** The same log under a new coordinator, as after a restart. */
  async restarted(): Promise<ConsumerWorld> {
    this.coordinator.stop()
    await settle()
    const world = new ConsumerWorld(this.log, this.topics, this.consumers, this.clock, 2)
    await world.coordinator.load(0, this.log)
    return world
  }

  async advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; ) {
      const step = Math.min(left, Math.max(Math.ceil(this.timers.advance()), 1))
      this.clock.advance(step)
      this.timers.advance()
      await settle()
      left -= step
    }
  }

  heartbeat(request: Partial<ConsumerHeartbeatRequest>): Promise<ConsumerHeartbeatReply> {
    return this.coordinator.consumerGroupHeartbeat({
      groupId: GROUP,
      memberId: '',
      memberEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      requireMemberId: false,
      ...request,
    })
  }

  get shard(): GroupShard {
    const shard = this.coordinator.inspect(0)
    if (shard === undefined) throw new Error('the shard is not active')
    return shard
  }

  group(groupId = GROUP): ConsumerGroup {
    return this.shard.consumerGroup(groupId)
  }

  /** The state the log alone gives. */
  async replayed(): Promise<GroupShard> {
    const machine = new GroupShard({
      config: defaultGroupConfig,
      random: new SeededRandom(9),
      notice: () => {},
      consumers: this.consumers,
    })
    const compression = {
      compress: () => Promise.reject(new Error('unused')),
      decompress: () => Promise.reject(new Error('unused')),
    }
    const { log } = this
    await replayLog({ log, machine, codec: groupEntryCodec, compression, wanted: () => true })
    return machine
  }
}

/** A client that does what it is told, one heartbeat at a time. */
export class Client {
  memberEpoch = 0
  owned: Partitions = {}
  last: ConsumerHeartbeatReply | null = null

  constructor(
    public world: ConsumerWorld,
    public memberId: string,
    readonly request: Partial<ConsumerHeartbeatRequest> = { subscribedTopicNames: ['topic'] },
  ) {}

  async join(): Promise<ConsumerHeartbeatReply> {
    this.owned = {}
    const { memberId } = this
    const joining = { memberEpoch: 0, rebalanceTimeoutMs: 60_000, topicPartitions: [] }
    return this.#take(await this.world.heartbeat({ ...this.request, ...joining, memberId }))
  }

  /** Sends what it owns, as a client does after it took over an assignment. */
  async beat(extra: Partial<ConsumerHeartbeatRequest> = {}): Promise<ConsumerHeartbeatReply> {
    const { memberId, memberEpoch } = this
    const instanceId = this.request.instanceId ?? null
    const topicPartitions = wire(this.owned)
    const request = { memberId, memberEpoch, instanceId, topicPartitions, ...extra }
    return this.#take(await this.world.heartbeat(request))
  }

  async leave(memberEpoch = -1): Promise<ConsumerHeartbeatReply> {
    const { memberId } = this
    this.owned = {}
    this.memberEpoch = 0
    const instanceId = this.request.instanceId ?? null
    return this.world.heartbeat({ memberId, memberEpoch, instanceId })
  }

  #take(reply: ConsumerHeartbeatReply): ConsumerHeartbeatReply {
    this.last = reply
    if (reply.errorCode !== 0) return reply
    this.memberId = reply.memberId ?? this.memberId
    this.memberEpoch = reply.memberEpoch
    if (reply.assignment !== null) this.owned = named(reply.assignment.topicPartitions)
    return reply
  }
}

export function wire(owned: Partitions) {
  return Object.entries(owned).map(([name, partitions]) => ({ topicId: idOf(name), partitions }))
}

function named(topicPartitions: readonly { topicId: string; partitions: readonly number[] }[]): Partitions {
  return Object.fromEntries(
    topicPartitions.map(({ topicId, partitions }) => [topicId.replace(/x*A$/, ''), [...partitions]]),
  )
}

/** Rounds of heartbeats of everyone, until nothing moves. */
export async function settleGroup(...clients: Client[]): Promise<void> {
  for (let round = 0; round < 6; round++) for (const client of clients) await client.beat()
}

/** The durable part of a group, to be compared. */
export function durable(group: ConsumerGroup | undefined): unknown {
  if (group === undefined) return undefined
  const members = [...group.members.values()].map(({ memberId, metadata, current }) => ({
    memberId,
    metadata,
    memberEpoch: current.memberEpoch,
    previousMemberEpoch: current.previousMemberEpoch,
    state: current.state,
    assigned: [...current.assigned]
      .map(([id, epochs]) => [id, [...epochs].sort((a, b) => a[0] - b[0])])
      .sort(),
    pendingRevocation: listed(current.pendingRevocation),
    target: listed(group.target(memberId)),
    owned: listed(current.assigned).every(({ topicId, partitions }) =>
      partitions.every((partition) => group.isOwned(topicId, partition)),
    ),
  }))
  const { groupEpoch, metadataHash, targetEpoch, targetTimestampMs } = group
  return {
    groupEpoch,
    metadataHash,
    targetEpoch,
    targetTimestampMs,
    members: members.sort((a, b) => (a.memberId < b.memberId ? -1 : 1)),
    regexes: [...group.regexes].sort(),
    targets: [...group.targetMembers()].sort(),
  }
}
