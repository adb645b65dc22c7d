import { ApiKey } from '../api-key.js'
import { array, bool, bytes, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * JoinGroup v0-v9.
 *
 *   v1   request gains rebalanceTimeoutMs
 *   v2   response gains throttleTimeMs
 *   v3   the client throttles itself
 *   v4   MEMBER_ID_REQUIRED gives a new member its id first
 *   v5   request gains groupInstanceId; response gains members.groupInstanceId
 *   v6   flexible
 *   v7   response gains protocolType; response protocolName may be null
 *   v8   request gains reason
 *   v9   response gains skipAssignment
 */
export const JoinGroupRequest = request(
  ApiKey.JoinGroup,
  { valid: [0, 9], flexible: 6 },
  {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32({ since: 1, default: -1 }),
    memberId: string(),
    groupInstanceId: string({ since: 5, nullable: true, default: null }),
    protocolType: string(),
    protocols: array({ name: string(), metadata: bytes() }),
    reason: string({ since: 8, nullable: true, default: null }),
  },
)
export type JoinGroupRequest = Infer<typeof JoinGroupRequest>

export const JoinGroupResponse = response(
  ApiKey.JoinGroup,
  { valid: [0, 9], flexible: 6 },
  {
    throttleTimeMs: int32({ since: 2 }),
    errorCode: int16(),
    generationId: int32({ default: -1 }),
    protocolType: string({ since: 7, nullable: true, default: null }),
    protocolName: string({ nullableSince: 7 }),
    leader: string(),
    skipAssignment: bool({ since: 9 }),
    memberId: string(),
    members: array({
      memberId: string(),
      groupInstanceId: string({ since: 5, nullable: true, default: null }),
      metadata: bytes(),
    }),
  },
)
export type JoinGroupResponse = Infer<typeof JoinGroupResponse>
