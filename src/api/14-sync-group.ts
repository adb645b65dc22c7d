import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { syncError } from '../groups/requests.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { SyncGroupRequest, SyncGroupResponse } from '../protocol/messages/sync-group.js'
import { api } from './api.js'

/* SyncGroup v0-v5. v3 static members; v5 must name the protocol it joined with. */
export const syncGroup = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.SyncGroup,
    min: 0,
    max: 5,
    request: SyncGroupRequest,
    response: SyncGroupResponse,
    handle(request, { apiVersion }) {
      const unnamed = request.protocolType === null || request.protocolName === null
      if (apiVersion >= 5 && unnamed) return syncError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
      return groups.syncGroup(request)
    },
    onError: (_request, errorCode) => syncError(errorCode),
  })
