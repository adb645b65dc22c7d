import { ApiKey } from '../api-key.js'
import { array, type Infer, int8, int16, int32, request, response, string } from '../schema.js'

/*
 * FindCoordinator v0-v6.
 *
 *   v1   request gains keyType; response gains throttleTimeMs, errorMessage
 *   v2   the client throttles itself
 *   v3   flexible
 *   v4   request gains coordinatorKeys; request loses key; response gains coordinators; response loses
 *        errorCode, errorMessage, nodeId, host, port
 *   v5   the client understands TRANSACTION_ABORTABLE
 *   v6   key type 2, share groups
 */
export const FindCoordinatorRequest = request(
  ApiKey.FindCoordinator,
  { valid: [0, 6], flexible: 3 },
  { key: string({ until: 3 }), keyType: int8({ since: 1 }), coordinatorKeys: array(string(), { since: 4 }) },
)
export type FindCoordinatorRequest = Infer<typeof FindCoordinatorRequest>

export const FindCoordinatorResponse = response(
  ApiKey.FindCoordinator,
  { valid: [0, 6], flexible: 3 },
  {
    throttleTimeMs: int32({ since: 1 }),
    errorCode: int16({ until: 3 }),
    errorMessage: string({ since: 1, until: 3, nullable: true }),
    nodeId: int32({ until: 3 }),
    host: string({ until: 3 }),
    port: int32({ until: 3 }),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: true }),
      },
      { since: 4 },
    ),
  },
)
export type FindCoordinatorResponse = Infer<typeof FindCoordinatorResponse>
