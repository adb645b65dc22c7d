import { ApiKey } from '../api-key.js'
import { array, bytes, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * SyncGroup v0-v5.
 *
 *   v1   response gains throttleTimeMs
 *   v2   the client throttles itself
 *   v3   request gains groupInstanceId
 *   v4   flexible
 *   v5   request gains protocolType, protocolName; response gains protocolType, protocolName
 */
export const SyncGroupRequest = request(
  ApiKey.SyncGroup,
  { valid: [0, 5], flexible: 4 },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ since: 3, nullable: true, default: null }),
    protocolType: string({ since: 5, nullable: true, default: null }),
    protocolName: string({ since: 5, nullable: true, default: null }),
    assignments: array({ memberId: string(), assignment: bytes() }),
  },
)
export type SyncGroupRequest = Infer<typeof SyncGroupRequest>

export const SyncGroupResponse = response(
  ApiKey.SyncGroup,
  { valid: [0, 5], flexible: 4 },
  {
    throttleTimeMs: int32({ since: 1 }),
    errorCode: int16(),
    protocolType: string({ since: 5, nullable: true, default: null }),
    protocolName: string({ since: 5, nullable: true, default: null }),
    assignment: bytes(),
  },
)
export type SyncGroupResponse = Infer<typeof SyncGroupResponse>
