import type { Protocol } from './requests.js'

/**
 * What the members of one shard take, counted as they come and go, so that no client can make it grow without end.
 * Groups count for themselves; the limits are looked at by who admits members.
 */
export class Held {
  members = 0
  /** Ids given out whose owners have not joined with them. */
  pendingMembers = 0
  /** Of subscriptions, in whatever form members sent them. */
  subscriptionBytes = 0
}

export function bytesOfProtocols(protocols: readonly Protocol[]): number {
  let bytes = 0
  for (const { name, metadata } of protocols) bytes += name.length + metadata.length
  return bytes
}
