import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { type JoinReply, joinError } from '../groups/requests.js'
import { ApiKey } from '../protocol/api-key.js'
import { JoinGroupRequest, JoinGroupResponse } from '../protocol/messages/join-group.js'
import { api } from './api.js'

const REQUIRES_MEMBER_ID_SINCE = 4
const NULLABLE_PROTOCOL_NAME_SINCE = 7
const SKIPS_ASSIGNMENT_SINCE = 9

/*
 * JoinGroup v0-v9. v1 a rebalance timeout of its own; v4 new members get their id first; v5 static members; v7 the
 * protocol type, and no protocol name where there is none; v8 a reason; v9 a returning static leader may skip the
 * assignment.
 */
export const joinGroup = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.JoinGroup,
    min: 0,
    max: 9,
    request: JoinGroupRequest,
    response: JoinGroupResponse,
    async handle(request, { apiVersion, client }) {
      const reply = await groups.joinGroup({
        ...request,
        clientId: client.clientId ?? '',
        clientHost: `/${client.host}`,
        requireKnownMemberId: apiVersion >= REQUIRES_MEMBER_ID_SINCE,
        supportsSkippingAssignment: apiVersion >= SKIPS_ASSIGNMENT_SINCE,
      })
      return apiVersion >= NULLABLE_PROTOCOL_NAME_SINCE ? reply : withProtocolName(reply)
    },
    onError: ({ memberId }, errorCode) => withProtocolName(joinError(errorCode, memberId)),
  })

function withProtocolName(reply: JoinReply) {
  return { ...reply, protocolName: reply.protocolName ?? '' }
}
