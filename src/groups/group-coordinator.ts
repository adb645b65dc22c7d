import type { Clock } from '../base/clock.js'
import { type Logger, RateLimited } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { TimingWheel } from '../base/timing-wheel.js'
import { CoordinatorRuntime } from '../coordinator/runtime.js'
import type { CoordinatorLog, RecordCompression } from '../coordinator/state-machine.js'
import { Wait } from '../coordinator/wait.js'
import { ErrorCode } from '../protocol/errors.js'
import { describeGroup, listGroups } from './classic/describe.js'
import type { GroupConfig } from './config.js'
import { describeConsumerGroup, listConsumerGroups, noConsumerGroup } from './consumer/describe.js'
import { type ConsumerEnvironment, defaultConsumerEnvironment } from './consumer/environment.js'
import {
  type ConsumerHeartbeatReply,
  type ConsumerHeartbeatRequest,
  type DescribedConsumerGroup,
  heartbeatError,
  problemOf,
} from './consumer/requests.js'
import { coordinatorPartition } from './coordinator-partition.js'
import { type GroupEntry, groupEntryCodec } from './entries.js'
import type { GroupEvent } from './events.js'
import { GroupShard } from './group-shard.js'
import { MEMBER_NAME_BYTES_MAX, MEMBER_PROTOCOLS_MAX, QUOTED_GROUP_ID_MAX } from './limits.js'
import { fetchOffsets } from './offsets/fetch.js'
import type { TopicGone } from './offsets/remove.js'
import { type EndedTransaction, Verifications } from './offsets/verifications.js'
import type {
  CommitReplyTopic,
  CommitRequest,
  DeleteOffsetsReply,
  DeleteOffsetsRequest,
  DescribedGroup,
  FetchOffsetsReply,
  FetchOffsetsRequest,
  JoinReply,
  JoinRequest,
  LeaveReply,
  LeaveRequest,
  ListedGroup,
  ListGroupsFilter,
  MemberRequest,
  Protocol,
  SyncReply,
  SyncRequest,
  TransactionCommitRequest,
} from './requests.js'
import { commitError, joinError, syncError } from './requests.js'

export const OFFSETS_TOPIC = '__consumer_offsets'

export interface GroupCoordinatorOptions {
  readonly config: GroupConfig
  /** Partitions of __consumer_offsets, now or once it exists. */
  readonly partitionCount: () => number
  readonly clock: Clock
  readonly timers: TimingWheel
  readonly random: Random
  readonly logger: Logger
  readonly consumers?: ConsumerEnvironment
  /** True for a topic that was deleted: there is none of the name, or another than the one of the id. */
  readonly isTopicGone?: TopicGone
  readonly compression?: RecordCompression
  readonly defer?: (run: () => void) => void
}

/**
 * What the request handlers call. Each request finds its group's partition and becomes an event of that shard; every
 * outcome, refusals included, is a reply. Promises reject only for bugs of ours.
 */
export class GroupCoordinator {
  readonly #config: GroupConfig
  readonly #consumers: ConsumerEnvironment
  readonly #partitionCount: () => number
  readonly #verifications = new Verifications()
  readonly #runtime: CoordinatorRuntime<GroupShard, GroupEvent, GroupEntry>

  constructor({ config, partitionCount, ...options }: GroupCoordinatorOptions) {
    const { consumers = defaultConsumerEnvironment, isTopicGone = () => false } = options
    const { random, clock } = options
    const logger = options.logger.child('GroupCoordinator')
    const lines = new RateLimited({ clock, burst: 20 })
    const notice = (event: string, fields: object) => {
      lines.run((suppressed) => logger.info(event, suppressed > 0 ? { ...fields, suppressed } : fields))
    }
    this.#config = config
    this.#consumers = consumers
    this.#partitionCount = partitionCount
    this.#runtime = new CoordinatorRuntime<GroupShard, GroupEvent, GroupEntry>({
      ...options,
      logger,
      topic: OFFSETS_TOPIC,
      createMachine: () => new GroupShard({ config, random, notice, consumers, isTopicGone }),
      codec: groupEntryCodec,
      compressionId: config.offsetsTopicCompressionCodec,
      writeTimeoutMs: config.offsetsCommitTimeoutMs,
    })
  }

  /** This broker leads the partition from now on. Resolves when it is loaded or will try again by itself. */
  load(partition: number, log: CoordinatorLog): Promise<void> {
    return this.#runtime.load(partition, log)
  }

  /** The partition is led elsewhere or gone: whoever waits is told to look for the coordinator again. */
  unload(partition: number): void {
    this.#runtime.unload(partition)
  }

  stop(): void {
    this.#runtime.unloadAll()
  }

  partitionFor(groupId: string): number {
    return coordinatorPartition(groupId, this.#partitionCount())
  }

  /** True once requests for the group are served here. */
  serves(groupId: string): boolean {
    return this.#runtime.shard(this.partitionFor(groupId))?.active ?? false
  }

  /** The state of a partition that is served here, for metrics and tests; nobody else changes it. */
  inspect(partition: number): GroupShard | undefined {
    const shard = this.#runtime.shard(partition)
    return shard?.active ? shard.machine : undefined
  }

  joinGroup(request: JoinRequest): Promise<JoinReply> {
    const { groupId, memberId, sessionTimeoutMs } = request
    const { groupMinSessionTimeoutMs, groupMaxSessionTimeoutMs } = this.#config
    const refuse = (code: number) => Promise.resolve(joinError(code, memberId))
    if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    if (sessionTimeoutMs < groupMinSessionTimeoutMs || sessionTimeoutMs > groupMaxSessionTimeoutMs) {
      return refuse(ErrorCode.INVALID_SESSION_TIMEOUT)
    }
    const nameBytes = Buffer.byteLength(request.groupInstanceId ?? request.clientId)
    if (nameBytes > MEMBER_NAME_BYTES_MAX || request.protocols.length > MEMBER_PROTOCOLS_MAX) {
      return refuse(ErrorCode.INVALID_REQUEST)
    }
    const distinct = { ...request, protocols: distinctProtocols(request.protocols) }
    const failure = (code: number) => joinError(code, memberId)
    return this.#submit(groupId, failure, (wait) => ({ type: 'join', request: distinct, wait }))
  }

  syncGroup(request: SyncRequest): Promise<SyncReply> {
    if (request.groupId === '') return Promise.resolve(syncError(ErrorCode.INVALID_GROUP_ID))
    return this.#submit(request.groupId, syncError, (wait) => ({ type: 'sync', request, wait }))
  }

  /** The error code of the reply. */
  heartbeat(request: MemberRequest): Promise<number> {
    if (request.groupId === '') return Promise.resolve(ErrorCode.INVALID_GROUP_ID)
    // While the group loads nobody can tell who is a member; the benefit of the doubt costs nothing.
    const failure = (code: number) =>
      code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : code
    return this.#submit(request.groupId, failure, (wait) => ({ type: 'heartbeat', request, wait }))
  }

  leaveGroup(request: LeaveRequest): Promise<LeaveReply> {
    const failure = (errorCode: number): LeaveReply => ({ errorCode, members: [] })
    if (request.groupId === '') return Promise.resolve(failure(ErrorCode.INVALID_GROUP_ID))
    return this.#submit(request.groupId, failure, (wait) => ({ type: 'leave', request, wait }))
  }

  /** The empty group id is a group like others here: old simple consumers commit under it. */
  commitOffsets(request: CommitRequest): Promise<CommitReplyTopic[]> {
    const failure = (code: number) => commitError(request.topics, code)
    return this.#submit(request.groupId, failure, (wait) => ({ type: 'commit', request, wait }))
  }

  /** `verify` asks the transaction coordinator whether the group belongs to the producer's open transaction. */
  async commitTransactionOffsets(
    request: TransactionCommitRequest,
    verify: () => Promise<number>,
  ): Promise<CommitReplyTopic[]> {
    const failure = (code: number) => commitError(request.topics, code)
    if (request.groupId === '') return failure(ErrorCode.INVALID_GROUP_ID)
    const event = (wait: Wait<CommitReplyTopic[]>) =>
      ({ type: 'commit-in-transaction', request, wait }) as const
    return this.#verifications.run(request, verify, (code) =>
      code === ErrorCode.NONE ? this.#submit(request.groupId, failure, event) : failure(code),
    )
  }

  /** A marker is about to be written in a partition of __consumer_offsets: commits being verified come too late. */
  endingTransaction(transaction: EndedTransaction): void {
    this.#verifications.ended(transaction)
  }

  /** The marker is written in the partition of __consumer_offsets: pending offsets become committed or vanish. */
  completeTransaction(partition: number, transaction: EndedTransaction): void {
    const { producerId, commit: committed } = transaction
    this.#runtime.shard(partition)?.notify({ type: 'transaction-ended', producerId, committed })
  }

  fetchOffsets(request: FetchOffsetsRequest): Promise<FetchOffsetsReply> {
    const failure = (errorCode: number) => ({ errorCode, topics: [] })
    const partition = this.partitionFor(request.groupId)
    return this.#query(partition, failure, (shard) => fetchOffsets(shard, request))
  }

  deleteOffsets(request: DeleteOffsetsRequest): Promise<DeleteOffsetsReply> {
    const failure = (errorCode: number): DeleteOffsetsReply => ({ errorCode, topics: [] })
    if (request.groupId === '') return Promise.resolve(failure(ErrorCode.INVALID_GROUP_ID))
    return this.#submit(request.groupId, failure, (wait) => ({ type: 'delete-offsets', request, wait }))
  }

  /** The error code of the group's result. */
  deleteGroup(groupId: string): Promise<number> {
    if (groupId === '') return Promise.resolve(ErrorCode.INVALID_GROUP_ID)
    return this.#submit(
      groupId,
      (code: number) => code,
      (wait) => ({ type: 'delete-group', groupId, wait }),
    )
  }

  describeGroup(groupId: string): Promise<DescribedGroup> {
    const failure = (errorCode: number) => ({
      ...describeGroup(undefined, groupId),
      errorCode,
      errorMessage: null,
      groupState: '',
    })
    if (groupId === '') return Promise.resolve(failure(ErrorCode.INVALID_GROUP_ID))
    const partition = this.partitionFor(groupId)
    return this.#query(partition, failure, ({ groups, consumerGroups }) => {
      const described = describeGroup(groups.get(groupId), groupId)
      if (!consumerGroups.has(groupId)) return described
      const quoted = groupId.slice(0, QUOTED_GROUP_ID_MAX)
      return { ...described, errorMessage: `Group ${quoted} is not a classic group.` }
    })
  }

  consumerGroupHeartbeat(request: ConsumerHeartbeatRequest): Promise<ConsumerHeartbeatReply> {
    const problem = problemOf(
      request,
      this.#consumers.assignors.map(({ name }) => name),
    )
    if (problem !== null) return Promise.resolve(problem)
    const event = (wait: Wait<ConsumerHeartbeatReply>) =>
      ({ type: 'consumer-heartbeat', request, wait }) as const
    return this.#submit(request.groupId, (code) => heartbeatError(code), event)
  }

  describeConsumerGroup(groupId: string): Promise<DescribedConsumerGroup> {
    const failure = (code: number) => noConsumerGroup(groupId, code)
    if (groupId === '') return Promise.resolve(failure(ErrorCode.INVALID_GROUP_ID))
    return this.#query(this.partitionFor(groupId), failure, ({ groups, consumerGroups, consumers }) => {
      const group = consumerGroups.get(groupId)
      return group === undefined
        ? noConsumerGroup(groupId, ErrorCode.GROUP_ID_NOT_FOUND, { isClassic: groups.has(groupId) })
        : describeConsumerGroup(group, consumers)
    })
  }

  /** All groups of this broker; an error when one of its partitions still loads, for the list would lack groups. */
  async listGroups(filter: ListGroupsFilter): Promise<{ errorCode: number; groups: ListedGroup[] }> {
    type Part = { errorCode: number; groups: ListedGroup[] }
    const failure = (errorCode: number): Part => ({ errorCode, groups: [] })
    const parts = await Promise.all(
      this.#runtime.partitions().map((partition) =>
        this.#query<Part>(partition, failure, ({ groups, consumerGroups }) => ({
          errorCode: ErrorCode.NONE,
          groups: [
            ...listGroups(groups.values(), filter),
            ...listConsumerGroups(consumerGroups.values(), filter),
          ],
        })),
      ),
    )
    const failed = parts.find(
      ({ errorCode }) => errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.NOT_COORDINATOR,
    )
    return failed ?? { errorCode: ErrorCode.NONE, groups: parts.flatMap(({ groups }) => groups) }
  }

  /** Forgets the offsets of topics that are gone, in every group; in shards that still load, once they have. */
  async topicsDeleted(topics: readonly string[]): Promise<void> {
    this.#runtime.notifyAll({ type: 'topics-deleted', topics })
  }

  #submit<Reply>(
    groupId: string,
    failure: (code: number) => Reply,
    event: (wait: Wait<Reply>) => GroupEvent,
  ): Promise<Reply> {
    const partition = this.partitionFor(groupId)
    return promised(failure, (wait) => this.#runtime.submit(partition, event(wait), wait))
  }

  #query<Reply>(
    partition: number,
    failure: (code: number) => Reply,
    read: (shard: GroupShard) => Reply,
  ): Promise<Reply> {
    return promised(failure, (wait) => this.#runtime.query(partition, read, wait))
  }
}

function promised<Reply>(
  failure: (code: number) => Reply,
  start: (wait: Wait<Reply>) => void,
): Promise<Reply> {
  return new Promise((resolve) => start(new Wait(resolve, failure)))
}

/** A name offered twice counts once, or its votes would be wrong. */
function distinctProtocols(protocols: readonly Protocol[]): Protocol[] {
  const byName = new Map<string, Protocol>()
  for (const protocol of protocols) if (!byName.has(protocol.name)) byName.set(protocol.name, protocol)
  return [...byName.values()]
}
