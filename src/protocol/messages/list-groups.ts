import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * ListGroups v0-v5.
 *
 *   v1   response gains throttleTimeMs
 *   v2   the client throttles itself
 *   v3   flexible
 *   v4   request gains statesFilter; response gains groups.groupState
 *   v5   request gains typesFilter; response gains groups.groupType
 */
export const ListGroupsRequest = request(
  ApiKey.ListGroups,
  { valid: [0, 5], flexible: 3 },
  { statesFilter: array(string(), { since: 4 }), typesFilter: array(string(), { since: 5 }) },
)
export type ListGroupsRequest = Infer<typeof ListGroupsRequest>

export const ListGroupsResponse = response(
  ApiKey.ListGroups,
  { valid: [0, 5], flexible: 3 },
  {
    throttleTimeMs: int32({ since: 1 }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string({ since: 4 }),
      groupType: string({ since: 5 }),
    }),
  },
)
export type ListGroupsResponse = Infer<typeof ListGroupsResponse>
