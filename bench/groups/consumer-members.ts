import { randomUUID } from 'node:crypto'
import { consumerGroupHeartbeat, pause } from './calls.js'
import type { Connection } from './connection.js'
import type { Member } from './member.js'

interface Options {
  readonly connection: Connection
  readonly groupId: string
  readonly topics: readonly string[]
}

interface TopicPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

/** A simulated member of a consumer group: takes over what it is assigned at once and says so with its next beat. */
export class ConsumerMember implements Member {
  intervalMs = 5_000
  memberEpoch = 0
  owned: readonly TopicPartitions[] = []
  readonly memberId = randomUUID()
  readonly #options: Options
  #told: readonly TopicPartitions[] | null = null

  constructor(options: Options) {
    this.#options = options
  }

  get partitionCount(): number {
    return this.owned.reduce((sum, { partitions }) => sum + partitions.length, 0)
  }

  join(): Promise<boolean> {
    this.memberEpoch = 0
    return this.beat()
  }

  leave(): Promise<boolean> {
    this.memberEpoch = -1
    return this.beat()
  }

  /** True when neither epoch nor assignment changed. */
  async beat(): Promise<boolean> {
    const { connection, groupId, topics } = this.#options
    const joining = this.memberEpoch === 0
    const before = this.memberEpoch
    const reply = await connection.call(consumerGroupHeartbeat, {
      groupId,
      memberId: this.memberId,
      memberEpoch: before,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: joining ? 60_000 : -1,
      subscribedTopicNames: joining ? [...topics] : null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      // Like Kafka's client it names what it owns when that changed, and nothing otherwise.
      topicPartitions: joining ? [] : this.#news(),
    })
    if (reply.errorCode !== 0) throw new Error(`ConsumerGroupHeartbeat: error ${reply.errorCode}`)
    if (before < 0) return true
    this.memberEpoch = reply.memberEpoch
    if (reply.heartbeatIntervalMs > 0) this.intervalMs = reply.heartbeatIntervalMs
    if (joining) this.#told = []
    if (reply.assignment !== null) this.owned = reply.assignment.topicPartitions
    return reply.assignment === null && reply.memberEpoch === before
  }

  #news(): TopicPartitions[] | null {
    if (this.#told === this.owned) return null
    this.#told = this.owned
    return [...this.owned]
  }
}

/** Rounds of heartbeats of everyone until all partitions are given out evenly and nothing moves. */
export async function settled(members: readonly ConsumerMember[], partitions: number): Promise<number> {
  for (let rounds = 1; ; rounds++) {
    const still = await Promise.all(members.map((member) => member.beat()))
    const counts = members.map(({ partitionCount }) => partitionCount)
    const all = counts.reduce((sum, count) => sum + count, 0) === partitions
    if (all && still.every(Boolean) && Math.max(...counts) - Math.min(...counts) <= 1) return rounds
    if (rounds > ROUNDS_MAX) throw new Error('the group does not settle')
    await pause(ROUND_PAUSE_MS)
  }
}

const ROUND_PAUSE_MS = 100
const ROUNDS_MAX = 600
