import { ApiKey } from '../api-key.js'
import { array, bool, bytes, type Infer, int16, int32, request, response, string } from '../schema.js'

/*
 * DescribeGroups v0-v6.
 *
 *   v1   response gains throttleTimeMs
 *   v2   the client throttles itself
 *   v3   request gains includeAuthorizedOperations; response gains groups.authorizedOperations
 *   v4   response gains members.groupInstanceId
 *   v5   flexible
 *   v6   response gains groups.errorMessage
 */
export const DescribeGroupsRequest = request(
  ApiKey.DescribeGroups,
  { valid: [0, 6], flexible: 5 },
  { groups: array(string()), includeAuthorizedOperations: bool({ since: 3 }) },
)
export type DescribeGroupsRequest = Infer<typeof DescribeGroupsRequest>

export const DescribeGroupsResponse = response(
  ApiKey.DescribeGroups,
  { valid: [0, 6], flexible: 5 },
  {
    throttleTimeMs: int32({ since: 1 }),
    groups: array({
      errorCode: int16(),
      errorMessage: string({ since: 6, nullable: true, default: null }),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: string({ since: 4, nullable: true, default: null }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ since: 3, default: -0x80000000 }),
    }),
  },
)
export type DescribeGroupsResponse = Infer<typeof DescribeGroupsResponse>
