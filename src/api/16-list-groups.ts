import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ListGroupsRequest, ListGroupsResponse } from '../protocol/messages/list-groups.js'
import { api } from './api.js'

/* ListGroups v0-v5. v4 filter by state; v5 filter by type. An empty filter lets everything through. */
export const listGroups = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.ListGroups,
    min: 0,
    max: 5,
    request: ListGroupsRequest,
    response: ListGroupsResponse,
    handle: ({ statesFilter, typesFilter }) =>
      groups.listGroups({ states: statesFilter, types: typesFilter }),
    onError: (_request, errorCode) => ({ errorCode, groups: [] }),
  })
