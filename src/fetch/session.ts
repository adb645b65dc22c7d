import type { FetchRows } from './fetch-rows.js'
import type { RowIndex } from './row-index.js'

const EPOCH_MAX = 0x7fffffff

/** Session epochs with a meaning of their own. */
export const SessionEpoch = { final: -1, initial: 0 } as const

export function nextSessionEpoch(epoch: number): number {
  return epoch >= EPOCH_MAX ? 1 : epoch + 1
}

/**
 * What one client fetches from request to request, in the order of serving: a partition that returned data moves to
 * the end, so that busy ones do not starve the others when the byte budget is short.
 */
export class FetchSession {
  epoch = nextSessionEpoch(SessionEpoch.initial)
  lastUsedMs: number

  constructor(
    readonly id: number,
    readonly rows: FetchRows,
    readonly index: RowIndex,
    readonly traits: {
      readonly usesTopicIds: boolean
      /** A follower's, which is not evicted for a consumer's. */
      readonly privileged: boolean
      readonly createdMs: number
    },
  ) {
    this.lastUsedMs = traits.createdMs
  }
}
