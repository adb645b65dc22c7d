import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * LeaveGroup v0-v5.
 *
 *   v1   response gains throttleTimeMs
 *   v2   the client throttles itself
 *   v3   request gains members; request loses memberId; response gains members
 *   v4   flexible
 *   v5   request gains members.reason
 */
export const LeaveGroupRequest = request(
  ApiKey.LeaveGroup,
  { valid: [0, 5], flexible: 4 },
  {
    groupId: string(),
    memberId: string({ until: 2 }),
    members: array(
      {
        memberId: string(),
        groupInstanceId: string({ nullable: true, default: null }),
        reason: string({ since: 5, nullable: true, default: null }),
      },
      { since: 3 },
    ),
  },
)
export type LeaveGroupRequest = Infer<typeof LeaveGroupRequest>

export const LeaveGroupResponse = response(
  ApiKey.LeaveGroup,
  { valid: [0, 5], flexible: 4 },
  {
    throttleTimeMs: int32({ since: 1 }),
    errorCode: int16(),
    members: array(
      { memberId: string(), groupInstanceId: string({ nullable: true }), errorCode: int16() },
      { since: 3 },
    ),
  },
)
export type LeaveGroupResponse = Infer<typeof LeaveGroupResponse>
