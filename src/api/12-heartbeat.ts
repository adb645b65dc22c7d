import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { HeartbeatRequest, HeartbeatResponse } from '../protocol/messages/heartbeat.js'
import { api } from './api.js'

/* Heartbeat v0-v4. v3 static members. */
export const heartbeat = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.Heartbeat,
    min: 0,
    max: 4,
    request: HeartbeatRequest,
    response: HeartbeatResponse,
    handle: async (request) => ({ errorCode: await groups.heartbeat(request) }),
    onError: (_request, errorCode) => ({ errorCode }),
  })
