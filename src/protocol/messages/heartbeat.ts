import { ApiKey } from '../api-key.js'
import { type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * Heartbeat v0-v4.
 *
 *   v1   response gains throttleTimeMs
 *   v2   the client throttles itself
 *   v3   request gains groupInstanceId
 *   v4   flexible
 */
export const HeartbeatRequest = request(
  ApiKey.Heartbeat,
  { valid: [0, 4], flexible: 4 },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ since: 3, nullable: true, default: null }),
  },
)
export type HeartbeatRequest = Infer<typeof HeartbeatRequest>

export const HeartbeatResponse = response(
  ApiKey.Heartbeat,
  { valid: [0, 4], flexible: 4 },
  { throttleTimeMs: int32({ since: 1 }), errorCode: int16() },
)
export type HeartbeatResponse = Infer<typeof HeartbeatResponse>
