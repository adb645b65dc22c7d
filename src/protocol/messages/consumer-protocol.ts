/*
 * The blobs inside JoinGroup and SyncGroup of protocol type "consumer": int16 version, then the fields, never
 * flexible. A version above the newest known one is read as far as it is known, with `decodeVersionedPrefix`.
 */

import { array, bytes, data, type Infer, int32, string } from '../schema.js'

/*
 *   v1   gains ownedPartitions
 *   v2   gains generationId
 *   v3   gains rackId
 */
export const ConsumerProtocolSubscription = data(
  { valid: [0, 3] },
  {
    topics: array(string()),
    userData: bytes({ nullable: true, default: null }),
    ownedPartitions: array({ topic: string(), partitions: array(int32()) }, { since: 1 }),
    generationId: int32({ since: 2, default: -1 }),
    rackId: string({ since: 3, nullable: true, default: null }),
  },
)
export type ConsumerProtocolSubscription = Infer<typeof ConsumerProtocolSubscription>

export const ConsumerProtocolAssignment = data(
  { valid: [0, 3] },
  {
    assignedPartitions: array({ topic: string(), partitions: array(int32()) }),
    userData: bytes({ nullable: true, default: null }),
  },
)
export type ConsumerProtocolAssignment = Infer<typeof ConsumerProtocolAssignment>
