import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../protocol/messages/list-partition-reassignments.js'
import { api } from './api.js'

// ListPartitionReassignments v0, flexible. With one broker there is never one under way.
export const listPartitionReassignments = () =>
  api({
    key: ApiKey.ListPartitionReassignments,
    min: 0,
    max: 0,
    request: ListPartitionReassignmentsRequest,
    response: ListPartitionReassignmentsResponse,
    handle: async () => ({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, topics: [] }),
    onError: (_request, errorCode) => ({ throttleTimeMs: 0, errorCode, errorMessage: null, topics: [] }),
  })
