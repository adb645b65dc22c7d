import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * DeleteGroups v0-v2.
 *
 *   v1   the client throttles itself
 *   v2   flexible
 */
export const DeleteGroupsRequest = request(
  ApiKey.DeleteGroups,
  { valid: [0, 2], flexible: 2 },
  { groupsNames: array(string()) },
)
export type DeleteGroupsRequest = Infer<typeof DeleteGroupsRequest>

export const DeleteGroupsResponse = response(
  ApiKey.DeleteGroups,
  { valid: [0, 2], flexible: 2 },
  { throttleTimeMs: int32({ default: 0 }), results: array({ groupId: string(), errorCode: int16() }) },
)
export type DeleteGroupsResponse = Infer<typeof DeleteGroupsResponse>
