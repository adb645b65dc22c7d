import { EventTimer } from '../../coordinator/event-timer.js'
import type {
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataValue,
} from '../../protocol/messages/consumer-group-records.js'
import type { GroupEvent } from '../events.js'
import { NO_PARTITIONS, type PartitionEpochs } from './partitions.js'

/*
 *   Stable               holds what the epoch it is in gives it
 *   UnrevokedPartitions  was told to give partitions up and still names them as owned
 *   UnreleasedPartitions waits for partitions that others have not given up
 */
export const MemberState = { Stable: 0, UnrevokedPartitions: 1, UnreleasedPartitions: 2 } as const

/** The epoch a static member has while it is away. */
export const AWAY_EPOCH = -2
/** The epoch with which a member leaves for good, and that of one whose assignment record is missing. */
export const LEAVE_EPOCH = -1

export type MemberMetadata = ConsumerGroupMemberMetadataValue

/** What a member holds, and how far it came on its way to the target. */
export interface CurrentAssignment {
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: number
  readonly assigned: PartitionEpochs
  readonly pendingRevocation: PartitionEpochs
}

export const NOTHING_ASSIGNED: CurrentAssignment = {
  memberEpoch: 0,
  previousMemberEpoch: 0,
  state: MemberState.Stable,
  assigned: NO_PARTITIONS,
  pendingRevocation: NO_PARTITIONS,
}

/** A member of a consumer group. Both halves come from records and are replaced whole; only the timers are memory. */
export class ConsumerMember {
  current: CurrentAssignment = {
    ...NOTHING_ASSIGNED,
    memberEpoch: LEAVE_EPOCH,
    previousMemberEpoch: LEAVE_EPOCH,
  }
  readonly sessionTimer: EventTimer<GroupEvent>
  readonly rebalanceTimer: EventTimer<GroupEvent>

  constructor(
    groupId: string,
    readonly memberId: string,
    public metadata: MemberMetadata,
  ) {
    this.sessionTimer = new EventTimer<GroupEvent>({ type: 'consumer-session-expired', groupId, memberId })
    this.rebalanceTimer = new EventTimer<GroupEvent>({
      type: 'consumer-rebalance-expired',
      groupId,
      memberId,
    })
  }

  get memberEpoch(): number {
    return this.current.memberEpoch
  }

  get usesClassicProtocol(): boolean {
    return this.metadata.classicMemberMetadata !== null
  }

  isReconciledTo(targetEpoch: number): boolean {
    return this.current.state === MemberState.Stable && this.current.memberEpoch === targetEpoch
  }
}

/** A record of before 4.3 has no epochs for its partitions; they count as got at the member's epoch. */
export function currentAssignmentOf(value: ConsumerGroupCurrentMemberAssignmentValue): CurrentAssignment {
  const { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation } = value
  const epochsOf = (topics: typeof assignedPartitions): PartitionEpochs =>
    new Map(
      topics.map(({ topicId, partitions, assignmentEpochs }) => [
        topicId,
        new Map(partitions.map((partition, at) => [partition, assignmentEpochs?.[at] ?? memberEpoch])),
      ]),
    )
  return {
    memberEpoch,
    previousMemberEpoch,
    state,
    assigned: epochsOf(assignedPartitions),
    pendingRevocation: epochsOf(partitionsPendingRevocation),
  }
}
