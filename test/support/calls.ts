// Request and response schemas by api, as `WireClient.call` takes them.

import { AlterConfigsRequest, AlterConfigsResponse } from '../../src/protocol/messages/alter-configs.js'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from '../../src/protocol/messages/alter-replica-log-dirs.js'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/messages/api-versions.js'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from '../../src/protocol/messages/consumer-group-describe.js'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../src/protocol/messages/consumer-group-heartbeat.js'
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../src/protocol/messages/create-partitions.js'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/messages/create-topics.js'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../src/protocol/messages/delete-records.js'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../src/protocol/messages/delete-topics.js'
import {
  DescribeClusterRequest,
  DescribeClusterResponse,
} from '../../src/protocol/messages/describe-cluster.js'
import {
  DescribeConfigsRequest,
  DescribeConfigsResponse,
} from '../../src/protocol/messages/describe-configs.js'
import {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
} from '../../src/protocol/messages/describe-log-dirs.js'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../../src/protocol/messages/describe-topic-partitions.js'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.js'
import {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
} from '../../src/protocol/messages/find-coordinator.js'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../src/protocol/messages/incremental-alter-configs.js'
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from '../../src/protocol/messages/list-config-resources.js'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../src/protocol/messages/list-offsets.js'
import { MetadataRequest, MetadataResponse } from '../../src/protocol/messages/metadata.js'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/messages/offset-commit.js'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../src/protocol/messages/offset-fetch.js'
import { ProduceRequest, ProduceResponse } from '../../src/protocol/messages/produce.js'

export const alterConfigs = [AlterConfigsRequest, AlterConfigsResponse] as const
export const alterReplicaLogDirs = [AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse] as const
export const apiVersions = [ApiVersionsRequest, ApiVersionsResponse] as const
export const consumerGroupDescribe = [ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse] as const
export const consumerGroupHeartbeat = [ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse] as const
export const createPartitions = [CreatePartitionsRequest, CreatePartitionsResponse] as const
export const createTopics = [CreateTopicsRequest, CreateTopicsResponse] as const
export const deleteTopics = [DeleteTopicsRequest, DeleteTopicsResponse] as const
export const deleteRecords = [DeleteRecordsRequest, DeleteRecordsResponse] as const
export const describeCluster = [DescribeClusterRequest, DescribeClusterResponse] as const
export const describeConfigs = [DescribeConfigsRequest, DescribeConfigsResponse] as const
export const describeLogDirs = [DescribeLogDirsRequest, DescribeLogDirsResponse] as const
export const describeTopicPartitions = [
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
] as const
export const fetchRecords = [FetchRequest, FetchResponse] as const
export const findCoordinator = [FindCoordinatorRequest, FindCoordinatorResponse] as const
export const incrementalAlterConfigs = [
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
] as const
export const listConfigResources = [ListConfigResourcesRequest, ListConfigResourcesResponse] as const
export const listOffsets = [ListOffsetsRequest, ListOffsetsResponse] as const
export const metadata = [MetadataRequest, MetadataResponse] as const
export const offsetCommit = [OffsetCommitRequest, OffsetCommitResponse] as const
export const offsetFetch = [OffsetFetchRequest, OffsetFetchResponse] as const
export const produce = [ProduceRequest, ProduceResponse] as const
