import { noConsumerGroup } from '../groups/consumer/describe.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../protocol/messages/consumer-group-describe.js'
import { api } from './api.js'
import { ALL_GROUP_OPERATIONS, OPERATIONS_NOT_ASKED } from './authorized-operations.js'

/* ConsumerGroupDescribe v0-v1. v1 tells which protocol a member uses. */
export const consumerGroupDescribe = (groups: GroupCoordinator) =>
  api({
    key: ApiKey.ConsumerGroupDescribe,
    min: 0,
    max: 1,
    request: ConsumerGroupDescribeRequest,
    response: ConsumerGroupDescribeResponse,
    async handle({ groupIds, includeAuthorizedOperations }) {
      const described = await Promise.all(groupIds.map((groupId) => groups.describeConsumerGroup(groupId)))
      return {
        groups: described.map((group) => {
          const asked = includeAuthorizedOperations && group.errorCode === ErrorCode.NONE
          return { ...group, authorizedOperations: asked ? ALL_GROUP_OPERATIONS : OPERATIONS_NOT_ASKED }
        }),
      }
    },
    onError: ({ groupIds }, errorCode) => ({
      groups: groupIds.map((groupId) => noConsumerGroup(groupId, errorCode)),
    }),
  })
