// Goal: one step of a member towards its target never gives what another holds, never goes back, and steps lead to the
// target. Method: random members, with and without others that hold partitions.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type CurrentAssignment, MemberState } from '../../../src/groups/consumer/member.js'
import type { PartitionEpochs, TopicPartitions } from '../../../src/groups/consumer/partitions.js'
import { isSubset, samePartitions } from '../../../src/groups/consumer/partitions.js'
import { reconcile } from '../../../src/groups/consumer/reconcile.js'

const TOPIC = 'topicxxxxxxxxxxxxxxxxA'
const EPOCHS_MAX = 5

const indexes = fc.uniqueArray(fc.nat(5))

function setOf(partitions: readonly number[]): TopicPartitions {
  return new Map(partitions.length === 0 ? [] : [[TOPIC, new Set(partitions)]])
}

function epochsOf(partitions: readonly number[]): PartitionEpochs {
  return new Map(partitions.length === 0 ? [] : [[TOPIC, new Map(partitions.map((each) => [each, 1]))]])
}

const situation = fc
  .record({
    assigned: indexes,
    pending: indexes,
    target: indexes,
    others: indexes,
    owned: fc.option(indexes),
    memberEpoch: fc.nat(EPOCHS_MAX),
    ahead: fc.nat(3),
    state: fc.constantFrom(...Object.values(MemberState)),
  })
  .map(({ assigned, pending, target, others, owned, memberEpoch, ahead, state }) => {
    const held = assigned.filter((each) => !others.includes(each))
    const revoking = state === MemberState.UnrevokedPartitions
    const left = revoking ? pending.filter((each) => !others.includes(each) && !held.includes(each)) : []
    // A member that gives something up has not reached the target's epoch.
    const targetEpoch = memberEpoch + ahead + (revoking ? 1 : 0)
    const current: CurrentAssignment = {
      memberEpoch,
      previousMemberEpoch: Math.max(memberEpoch - 1, 0),
      state,
      assigned: epochsOf(held),
      pendingRevocation: epochsOf(left),
    }
    const mine = new Set([...held, ...left])
    return {
      step: {
        current,
        targetEpoch,
        target: setOf(target),
        owned: owned === null ? null : setOf(owned),
        isOwned: (_topicId: string, partition: number) => mine.has(partition) || others.includes(partition),
      },
      others,
      mine,
    }
  })

const partitionsOf = (held: PartitionEpochs) => [...(held.get(TOPIC)?.keys() ?? [])]

test('one step', () => {
  fc.assert(
    fc.property(situation, ({ step, others, mine }) => {
      const next = reconcile(step)
      const { assigned, pendingRevocation, memberEpoch } = next
      for (const partition of partitionsOf(assigned)) {
        assert.ok(!others.includes(partition), 'never what another holds')
        assert.ok(mine.has(partition) || step.target.get(TOPIC)?.has(partition), 'nor what nobody gave')
      }
      for (const partition of partitionsOf(pendingRevocation)) {
        assert.ok(mine.has(partition))
        assert.ok(!assigned.get(TOPIC)?.has(partition), 'held or given up, not both')
      }
      assert.ok(memberEpoch >= step.current.memberEpoch && memberEpoch <= step.targetEpoch)
      if (next.state === MemberState.Stable && next !== step.current) {
        assert.equal(memberEpoch, step.targetEpoch)
        assert.ok(samePartitions(assigned, step.target))
      }
      if (step.owned === null && step.current.state === MemberState.UnrevokedPartitions) {
        assert.equal(next, step.current, 'silence is no revocation')
      }
    }),
    { numRuns: 2_000 },
  )
})

test('steps of a member that does as it is told lead to the target once nobody else holds any of it', () => {
  fc.assert(
    fc.property(situation, ({ step }) => {
      const held = ({ assigned, pendingRevocation }: CurrentAssignment) =>
        new Set([...partitionsOf(assigned), ...partitionsOf(pendingRevocation)])
      let { current } = step
      // An epoch of its own for what was before, so that a Stable member is not taken for one that is done.
      const targetEpoch = step.targetEpoch + 1
      for (let count = 0; count < 4; count++) {
        const owned = setOf(partitionsOf(current.assigned))
        const mine = held(current)
        current = reconcile({
          ...step,
          current,
          targetEpoch,
          owned,
          isOwned: (_topicId, partition) => mine.has(partition),
        })
      }
      assert.equal(current.state, MemberState.Stable)
      assert.equal(current.memberEpoch, targetEpoch)
      assert.ok(isSubset(current.assigned, step.target) && isSubset(step.target, current.assigned))
    }),
    { numRuns: 2_000 },
  )
})
