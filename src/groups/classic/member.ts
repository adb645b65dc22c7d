import { EventTimer } from '../../coordinator/event-timer.js'
import type { Wait } from '../../coordinator/wait.js'
import type { GroupEvent } from '../events.js'
import type { JoinReply, Protocol, SyncReply } from '../requests.js'

export const NO_ASSIGNMENT = Buffer.alloc(0)

export interface MemberIdentity {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimer: EventTimer<GroupEvent>
}

/** A member of a classic group. What only lives in memory: the waits, the timer, `isNew`, protocols not selected. */
export class Member implements MemberIdentity {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimer: EventTimer<GroupEvent>
  rebalanceTimeoutMs = 0
  sessionTimeoutMs = 0
  /** In the member's order of preference, names distinct. */
  protocols: readonly Protocol[] = []
  assignment: Buffer = NO_ASSIGNMENT
  /** Until its first join completes a member may expire while it waits: nothing else tells that it is gone. */
  isNew = false
  /** Its JoinGroup is parked here until the rebalance completes; only the group sets it. */
  joinWait: Wait<JoinReply> | null = null
  /** Its SyncGroup is parked here until the leader's assignment arrives; only the group sets it. */
  syncWait: Wait<SyncReply> | null = null

  constructor(identity: MemberIdentity) {
    this.memberId = identity.memberId
    this.groupInstanceId = identity.groupInstanceId
    this.clientId = identity.clientId
    this.clientHost = identity.clientHost
    this.sessionTimer = identity.sessionTimer
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }

  /** A member that waits for the broker need not send heartbeats. */
  get heartbeatSatisfied(): boolean {
    return !this.isNew && (this.joinWait !== null || this.syncWait !== null)
  }

  metadata(protocolName: string | null): Buffer {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? NO_ASSIGNMENT
  }

  /** The same protocols in the same order with the same metadata. */
  matches(protocols: readonly Protocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, index) => {
        const own = this.protocols[index] as Protocol
        return own.name === name && own.metadata.equals(metadata)
      })
    )
  }

  vote(candidates: ReadonlySet<string>): string | undefined {
    return this.protocols.find(({ name }) => candidates.has(name))?.name
  }
}

export function sessionTimer(groupId: string, memberId: string): EventTimer<GroupEvent> {
  return new EventTimer<GroupEvent>({ type: 'session-expired', groupId, memberId })
}
