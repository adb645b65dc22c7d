import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int8, int16, int32, request, response, string } from '../schema.js'

/*
 * DescribeCluster v0-v2, flexible throughout.
 *
 *   v1   request gains endpointType; response gains endpointType
 *   v2   request gains includeFencedBrokers; response gains brokers.isFenced
 */
export const DescribeClusterRequest = request(
  ApiKey.DescribeCluster,
  { valid: [0, 2], flexible: 0 },
  {
    includeClusterAuthorizedOperations: bool(),
    endpointType: int8({ since: 1, default: 1 }),
    includeFencedBrokers: bool({ since: 2 }),
  },
)
export type DescribeClusterRequest = Infer<typeof DescribeClusterRequest>

export const DescribeClusterResponse = response(
  ApiKey.DescribeCluster,
  { valid: [0, 2], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: true, default: null }),
    endpointType: int8({ since: 1, default: 1 }),
    clusterId: string(),
    controllerId: int32({ default: -1 }),
    brokers: array({
      brokerId: int32(),
      host: string(),
      port: int32(),
      rack: string({ nullable: true, default: null }),
      isFenced: bool({ since: 2 }),
    }),
    clusterAuthorizedOperations: int32({ default: -0x80000000 }),
  },
)
export type DescribeClusterResponse = Infer<typeof DescribeClusterResponse>
