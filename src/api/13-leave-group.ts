import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { LeaveGroupRequest, LeaveGroupResponse } from '../protocol/messages/leave-group.js'
import { api } from './api.js'

/* LeaveGroup v0-v5. v3 several members, by member or instance id, each with its own error; v5 reasons. */
export const leaveGroup = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.LeaveGroup,
    min: 0,
    max: 5,
    request: LeaveGroupRequest,
    response: LeaveGroupResponse,
    async handle({ groupId, memberId, members }, { apiVersion }) {
      if (apiVersion >= 3) return groups.leaveGroup({ groupId, members })
      const alone = [{ memberId, groupInstanceId: null, reason: null }]
      const reply = await groups.leaveGroup({ groupId, members: alone })
      return { errorCode: reply.errorCode || (reply.members[0]?.errorCode ?? ErrorCode.NONE), members: [] }
    },
    onError: (_request, errorCode) => ({ errorCode, members: [] }),
  })
