/*
 * Classic group and offset records of __consumer_offsets. A record key is int16 record type and the key's
 * fields, a record value int16 version and the value's fields; a tombstone has a null value.
 */

import { array, bytes, data, type Infer, int32, int64, string, uuid } from '../schema.js'

export const LegacyOffsetCommitKey = data(
  { key: 0, valid: [0, 0] },
  { group: string(), topic: string(), partition: int32() },
)
export type LegacyOffsetCommitKey = Infer<typeof LegacyOffsetCommitKey>

export const LegacyOffsetCommitValue = data(
  { key: 0, valid: [0, 0] },
  { offset: int64(), metadata: string(), commitTimestamp: int64() },
)
export type LegacyOffsetCommitValue = Infer<typeof LegacyOffsetCommitValue>

export const OffsetCommitKey = data(
  { key: 1, valid: [0, 0] },
  { group: string(), topic: string(), partition: int32() },
)
export type OffsetCommitKey = Infer<typeof OffsetCommitKey>

/*
 *   v1   gains expireTimestamp
 *   v2   loses expireTimestamp
 *   v3   gains leaderEpoch
 *   v4   flexible; gains topicId
 */
export const OffsetCommitValue = data(
  { key: 1, valid: [0, 4], flexible: 4 },
  {
    offset: int64(),
    leaderEpoch: int32({ since: 3, default: -1 }),
    metadata: string(),
    commitTimestamp: int64(),
    expireTimestamp: int64({ since: 1, until: 1, default: -1 }),
    topicId: uuid({ since: 4, tag: 0 }),
  },
)
export type OffsetCommitValue = Infer<typeof OffsetCommitValue>

export const GroupMetadataKey = data({ key: 2, valid: [0, 0] }, { group: string() })
export type GroupMetadataKey = Infer<typeof GroupMetadataKey>

const memberMetadata = {
  memberId: string(),
  groupInstanceId: string({ since: 3, nullable: true, default: null }),
  clientId: string(),
  clientHost: string(),
  rebalanceTimeout: int32({ since: 1, default: -1 }),
  sessionTimeout: int32(),
  subscription: bytes(),
  assignment: bytes(),
}

/*
 *   v1   gains members.rebalanceTimeout
 *   v2   gains currentStateTimestamp
 *   v3   gains members.groupInstanceId
 *   v4   flexible
 */
export const GroupMetadataValue = data(
  { key: 2, valid: [0, 4], flexible: 4 },
  {
    protocolType: string(),
    generation: int32(),
    protocol: string({ nullable: true }),
    leader: string({ nullable: true }),
    currentStateTimestamp: int64({ since: 2, default: -1 }),
    members: array(memberMetadata),
  },
)
export type GroupMetadataValue = Infer<typeof GroupMetadataValue>
