import { heartbeatError } from '../groups/consumer/requests.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../protocol/messages/consumer-group-heartbeat.js'
import { api } from './api.js'

interface Rooms {
  readonly groups: GroupCoordinator
  /** group.coordinator.rebalance.protocols holds "consumer". */
  readonly enabled: () => boolean
}

/* ConsumerGroupHeartbeat v0-v1. v1 topics by pattern; the member makes its own id. */
export const consumerGroupHeartbeat = ({ groups, enabled }: Rooms) =>
  api({
    key: ApiKey.ConsumerGroupHeartbeat,
    min: 0,
    max: 1,
    request: ConsumerGroupHeartbeatRequest,
    response: ConsumerGroupHeartbeatResponse,
    async handle(request, { apiVersion, client }) {
      if (!enabled()) return heartbeatError(ErrorCode.UNSUPPORTED_VERSION)
      return groups.consumerGroupHeartbeat({
        ...request,
        clientId: client.clientId ?? '',
        clientHost: `/${client.host}`,
        requireMemberId: apiVersion >= 1,
      })
    },
    onError: (_request, errorCode) => heartbeatError(errorCode),
  })
