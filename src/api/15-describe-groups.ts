import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../protocol/messages/describe-groups.js'
import { api } from './api.js'
import { ALL_GROUP_OPERATIONS, OPERATIONS_NOT_ASKED } from './authorized-operations.js'

const UNKNOWN_GROUP_IS_ERROR_SINCE = 6

/*
 * DescribeGroups v0-v6. v3 authorized operations; v4 static members; v6 an unknown group is GROUP_ID_NOT_FOUND with
 * a message, where before it looked like a group in state Dead.
 */
export const describeGroups = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.DescribeGroups,
    min: 0,
    max: 6,
    request: DescribeGroupsRequest,
    response: DescribeGroupsResponse,
    async handle(request, { apiVersion }) {
      const described = await Promise.all(request.groups.map((groupId) => groups.describeGroup(groupId)))
      return {
        groups: described.map((group) => {
          const unknown = group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND
          const errorCode =
            unknown && apiVersion < UNKNOWN_GROUP_IS_ERROR_SINCE ? ErrorCode.NONE : group.errorCode
          const asked = request.includeAuthorizedOperations && errorCode === ErrorCode.NONE
          const authorizedOperations = asked ? ALL_GROUP_OPERATIONS : OPERATIONS_NOT_ASKED
          return { ...group, errorCode, authorizedOperations }
        }),
      }
    },
    onError: ({ groups: groupIds }, errorCode) => ({
      groups: groupIds.map((groupId) => ({
        errorCode,
        groupId,
        groupState: '',
        protocolType: '',
        protocolData: '',
        members: [],
      })),
    }),
  })
