import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { DescribeClusterRequest, DescribeClusterResponse } from '../protocol/messages/describe-cluster.js'
import { api } from './api.js'
import { ALL_CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from './authorized-operations.js'
import { brokersFor, type ClusterView } from './cluster-view.js'

const ENDPOINT_BROKERS = 1

// DescribeCluster v0-v2. v1 endpoint type (1 brokers, 2 controllers); v2 fenced brokers on request.
export const describeCluster = (view: ClusterView) =>
  api({
    key: ApiKey.DescribeCluster,
    min: 0,
    max: 2,
    request: DescribeClusterRequest,
    response: DescribeClusterResponse,
    handle(request, { client }) {
      const { endpointType } = request
      const { clusterId, controllerId } = view.image
      if (endpointType !== ENDPOINT_BROKERS) return refuse(endpointType)
      const brokers = brokersFor(view, client).filter(({ fenced }) => request.includeFencedBrokers || !fenced)
      return {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        endpointType,
        clusterId,
        controllerId,
        brokers: brokers.map(({ nodeId, host, port, rack, fenced }) => ({
          brokerId: nodeId,
          host,
          port,
          rack,
          isFenced: fenced,
        })),
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? ALL_CLUSTER_OPERATIONS
          : OPERATIONS_NOT_ASKED,
      }
    },
    onError: (_request, errorCode) => empty(errorCode, null),
  })

/** A client that was pointed at brokers asks for controllers, or for a kind that does not exist. */
function refuse(endpointType: number) {
  return endpointType === 2
    ? empty(ErrorCode.MISMATCHED_ENDPOINT_TYPE, 'The request was sent to an endpoint of type BROKER')
    : empty(ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, `Unsupported endpoint type ${endpointType}`)
}

function empty(errorCode: number, errorMessage: string | null) {
  return { throttleTimeMs: 0, errorCode, errorMessage, clusterId: '', brokers: [] }
}
