import assert from 'node:assert/strict'
import { assignmentOf } from '../../../src/groups/consumer/embedded.js'
import { listed } from '../../../src/groups/consumer/partitions.js'
import { ErrorCode } from '../../../src/protocol/errors.js'
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
} from '../../../src/protocol/messages/consumer-protocol.js'
import { encodeVersioned } from '../../../src/protocol/versioned.js'
import { GROUP, joinRequest } from '../harness.js'
import type { ConsumerWorld } from './harness.js'

/** A client of the classic protocol that assigns nothing itself unless it leads. */
export class ClassicClient {
  memberId = ''
  generationId = -1
  owned: number[] = []

  constructor(
    public world: ConsumerWorld,
    readonly groupInstanceId: string | null = null,
  ) {}

  request() {
    const ownedPartitions = this.owned.length === 0 ? [] : [{ topic: 'topic', partitions: this.owned }]
    const subscription = {
      topics: ['topic'],
      userData: null,
      ownedPartitions,
      generationId: this.generationId,
    }
    const metadata = encodeVersioned(ConsumerProtocolSubscription, 2, subscription)
    return joinRequest({
      memberId: this.memberId,
      groupInstanceId: this.groupInstanceId,
      protocols: [
        { name: 'cooperative-sticky', metadata },
        { name: 'range', metadata },
      ],
    })
  }

  async join() {
    const reply = await this.world.coordinator.joinGroup(this.request())
    if (reply.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
      this.memberId = reply.memberId
      return this.joined(await this.world.coordinator.joinGroup(this.request()))
    }
    return this.joined(reply)
  }

  joined<Reply extends { errorCode: number; memberId: string; generationId: number }>(reply: Reply): Reply {
    if (reply.errorCode !== ErrorCode.NONE) return reply
    this.memberId = reply.memberId
    this.generationId = reply.generationId
    return reply
  }

  async sync(assignments: Record<string, number[]> = {}): Promise<number> {
    const { memberId, generationId, groupInstanceId } = this
    const reply = await this.world.coordinator.syncGroup({
      groupId: GROUP,
      generationId,
      memberId,
      groupInstanceId,
      protocolType: 'consumer',
      protocolName: 'cooperative-sticky',
      assignments: Object.entries(assignments).map(([id, partitions]) => ({
        memberId: id,
        assignment: encodeVersioned(ConsumerProtocolAssignment, 2, {
          assignedPartitions: [{ topic: 'topic', partitions }],
          userData: null,
        }),
      })),
    })
    if (reply.errorCode === ErrorCode.NONE) {
      this.owned = listed(assignmentOf(reply.assignment, this.world.topics))[0]?.partitions ?? []
    }
    return reply.errorCode
  }

  heartbeat(): Promise<number> {
    const { memberId, generationId, groupInstanceId } = this
    return this.world.coordinator.heartbeat({ groupId: GROUP, memberId, generationId, groupInstanceId })
  }

  /** Heartbeats, and joins and syncs again when told to. */
  async beat(): Promise<void> {
    const code = await this.heartbeat()
    if (code === ErrorCode.NONE) return
    assert.equal(code, ErrorCode.REBALANCE_IN_PROGRESS)
    assert.equal((await this.join()).errorCode, ErrorCode.NONE)
    assert.equal(await this.sync(), ErrorCode.NONE)
  }

  async leave(): Promise<void> {
    const { memberId, groupInstanceId } = this
    const members = [{ memberId, groupInstanceId, reason: null }]
    this.forget()
    await this.world.coordinator.leaveGroup({ groupId: GROUP, members })
  }

  forget(): void {
    this.memberId = ''
    this.generationId = -1
    this.owned = []
  }
}
