import { assert } from '../../base/assert.js'

/** By the names Kafka's tools print. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

/*
 *   Empty                no members; may hold offsets
 *   PreparingRebalance   waits for members to join
 *   CompletingRebalance  members have the new generation, waits for the leader's assignment
 *   Stable               every member has, or can get, its assignment
 *   Dead                 removed; nothing follows
 */
const LEGAL_PREVIOUS_STATES: Readonly<Record<GroupState, readonly GroupState[]>> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead'],
}

export function assertTransition(from: GroupState, to: GroupState): void {
  assert(LEGAL_PREVIOUS_STATES[to].includes(from), `A group may not move from ${from} to ${to}.`)
}

export function canRebalance(state: GroupState): boolean {
  return LEGAL_PREVIOUS_STATES.PreparingRebalance.includes(state)
}
