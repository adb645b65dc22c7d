import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../protocol/messages/delete-groups.js'
import { api } from './api.js'

/* DeleteGroups v0-v2. A group named twice is deleted once. */
export const deleteGroups = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.DeleteGroups,
    min: 0,
    max: 2,
    request: DeleteGroupsRequest,
    response: DeleteGroupsResponse,
    async handle({ groupsNames }) {
      const deletions = [...new Set(groupsNames)].map(async (groupId) => ({
        groupId,
        errorCode: await groups.deleteGroup(groupId),
      }))
      return { throttleTimeMs: 0, results: await Promise.all(deletions) }
    },
    onError: ({ groupsNames }, errorCode) => ({
      throttleTimeMs: 0,
      results: groupsNames.map((groupId) => ({ groupId, errorCode })),
    }),
  })
