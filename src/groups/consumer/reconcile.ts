import { type CurrentAssignment, MemberState } from './member.js'
import { intersects, type PartitionEpochs, type TopicPartitions } from './partitions.js'

export interface Reconciling {
  readonly current: CurrentAssignment
  readonly targetEpoch: number
  readonly target: TopicPartitions
  /** Partitions the member says it owns; null when it said nothing, which is no sign of a revocation. */
  readonly owned: TopicPartitions | null
  /** True while any member, this one included, holds the partition. */
  readonly isOwned: (topicId: string, partition: number) => boolean
}

/*
 * One step of a member towards the target:
 *
 *   Stable ──target moved──► UnrevokedPartitions ──all given up──► (next epoch)
 *     ▲                                                                 │
 *     └── nothing left to wait for ── UnreleasedPartitions ◄── others hold some
 *
 * A member never gets a partition before everyone else has given it up, and keeps its epoch until it has itself
 * given up what it must. Returns `current` itself when nothing changes.
 */
export function reconcile(step: Reconciling): CurrentAssignment {
  const { current, targetEpoch, owned } = step
  const { memberEpoch, state } = current
  switch (state) {
    case MemberState.Stable:
      return memberEpoch === targetEpoch ? current : nextAssignment(step, memberEpoch)
    case MemberState.UnrevokedPartitions:
      if (owned === null || intersects(owned, current.pendingRevocation)) return current
      return nextAssignment(step, memberEpoch + 1)
    case MemberState.UnreleasedPartitions:
      return nextAssignment(step, memberEpoch)
    default:
      // A state of a later version: whatever it meant, the target is where the member must go.
      return nextAssignment(step, memberEpoch)
  }
}

function nextAssignment(step: Reconciling, memberEpoch: number): CurrentAssignment {
  const { current, targetEpoch, target, owned, isOwned } = step
  const { kept, revoked } = split(current.assigned, target)
  if (revoked.size > 0 && (owned === null || intersects(owned, revoked))) {
    return {
      ...epochs(current, memberEpoch),
      state: MemberState.UnrevokedPartitions,
      assigned: kept,
      pendingRevocation: revoked,
    }
  }
  let waits = false
  for (const [topicId, indexes] of target) {
    for (const index of indexes) {
      if (kept.get(topicId)?.has(index)) continue
      if (isOwned(topicId, index)) {
        waits = true
      } else {
        const mine = kept.get(topicId) ?? new Map<number, number>()
        mine.set(index, targetEpoch)
        kept.set(topicId, mine)
      }
    }
  }
  return {
    ...epochs(current, targetEpoch),
    state: waits ? MemberState.UnreleasedPartitions : MemberState.Stable,
    assigned: kept,
    pendingRevocation: new Map(),
  }
}

/** The previous epoch moves only with the epoch, so that a lost reply can be asked for any number of times. */
function epochs(current: CurrentAssignment, memberEpoch: number) {
  const moves = memberEpoch !== current.memberEpoch
  return { memberEpoch, previousMemberEpoch: moves ? current.memberEpoch : current.previousMemberEpoch }
}

type Epochs = Map<string, Map<number, number>>

function split(assigned: PartitionEpochs, target: TopicPartitions): { kept: Epochs; revoked: Epochs } {
  const kept: Epochs = new Map()
  const revoked: Epochs = new Map()
  for (const [topicId, indexes] of assigned) {
    const wanted = target.get(topicId)
    for (const [index, epoch] of indexes) {
      const side = wanted?.has(index) ? kept : revoked
      const mine = side.get(topicId) ?? new Map<number, number>()
      mine.set(index, epoch)
      side.set(topicId, mine)
    }
  }
  return { kept, revoked }
}
