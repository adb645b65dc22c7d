import { produce } from '../api/00-produce.js'
import { fetch } from '../api/01-fetch.js'
import { listOffsets } from '../api/02-list-offsets.js'
import { metadata } from '../api/03-metadata.js'
import { offsetCommit } from '../api/08-offset-commit.js'
import { offsetFetch } from '../api/09-offset-fetch.js'
import { findCoordinator } from '../api/10-find-coordinator.js'
import { joinGroup } from '../api/11-join-group.js'
import { heartbeat } from '../api/12-heartbeat.js'
import { leaveGroup } from '../api/13-leave-group.js'
import { syncGroup } from '../api/14-sync-group.js'
import { describeGroups } from '../api/15-describe-groups.js'
import { listGroups } from '../api/16-list-groups.js'
import { apiVersions } from '../api/18-api-versions.js'
import { createTopics } from '../api/19-create-topics.js'
import { deleteTopics } from '../api/20-delete-topics.js'
import { deleteRecords } from '../api/21-delete-records.js'
import { initProducerId } from '../api/22-init-producer-id.js'
import { offsetForLeaderEpoch } from '../api/23-offset-for-leader-epoch.js'
import { addPartitionsToTxn } from '../api/24-add-partitions-to-txn.js'
import { addOffsetsToTxn } from '../api/25-add-offsets-to-txn.js'
import { endTxn } from '../api/26-end-txn.js'
import { writeTxnMarkers } from '../api/27-write-txn-markers.js'
import { txnOffsetCommit } from '../api/28-txn-offset-commit.js'
import { describeConfigs } from '../api/32-describe-configs.js'
import { alterConfigs } from '../api/33-alter-configs.js'
import { alterReplicaLogDirs } from '../api/34-alter-replica-log-dirs.js'
import { describeLogDirs } from '../api/35-describe-log-dirs.js'
import { createPartitions } from '../api/37-create-partitions.js'
import { deleteGroups } from '../api/42-delete-groups.js'
import { incrementalAlterConfigs } from '../api/44-incremental-alter-configs.js'
import { alterPartitionReassignments } from '../api/45-alter-partition-reassignments.js'
import { listPartitionReassignments } from '../api/46-list-partition-reassignments.js'
import { offsetDelete } from '../api/47-offset-delete.js'
import { updateFeatures } from '../api/57-update-features.js'
import { describeCluster } from '../api/60-describe-cluster.js'
import { describeProducers } from '../api/61-describe-producers.js'
import { describeTransactions } from '../api/65-describe-transactions.js'
import { listTransactions } from '../api/66-list-transactions.js'
import { consumerGroupHeartbeat } from '../api/68-consumer-group-heartbeat.js'
import { consumerGroupDescribe } from '../api/69-consumer-group-describe.js'
import { listConfigResources } from '../api/74-list-config-resources.js'
import { describeTopicPartitions } from '../api/75-describe-topic-partitions.js'
import type { AnyApi, ClientInfo } from '../api/api.js'
import type { ClusterView } from '../api/cluster-view.js'
import { ApiTable } from '../api/table.js'
import type { Clock } from '../base/clock.js'
import type { Random } from '../base/random.js'
import type { AutoTopics } from '../cluster/auto-topics.js'
import type { Controller } from '../cluster/controller.js'
import type { ProducerIds } from '../cluster/producer-ids.js'
import { InternalTopic } from '../cluster/topic-name.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { groupConfigEntries } from '../config/group-config.js'
import { topicConfigEntries } from '../config/topic-config.js'
import { SessionCache } from '../fetch/session-cache.js'
import type { GroupCoordinator } from '../groups/group-coordinator.js'
import type { LogManager } from '../log/log-manager.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { CoordinatorVerifier } from '../transactions/verifier.js'
import { internalTopic } from './coordinators.js'
import { supportedFeatures } from './registration.js'

export interface ServedRooms {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly random: Random
  readonly logs: LogManager
  readonly controller: Controller
  readonly autoTopics: AutoTopics
  readonly groups: GroupCoordinator
  readonly transactions: TransactionCoordinator
  readonly producerIds: ProducerIds
  readonly endpointFor: (client: ClientInfo) => { readonly host: string; readonly port: number }
}

/** Every request this broker serves, each handler with the rooms it needs and no others. */
export function apiTable(rooms: ServedRooms): ApiTable {
  const table: ApiTable = new ApiTable([
    ...recordApis(rooms),
    ...topicApis(rooms),
    ...groupApis(rooms),
    ...transactionApis(rooms),
    ...configApis(rooms),
    apiVersions({ table: () => table, image: rooms.controller.image, features: supportedFeatures }),
  ])
  return table
}

function viewOf({ controller, endpointFor }: ServedRooms): ClusterView {
  return { image: controller.image, endpointFor }
}

function recordApis(rooms: ServedRooms): AnyApi[] {
  const { config, logs, random, clock, transactions, producerIds } = rooms
  const limits = {
    get fetchBytesMax() {
      return config.number('fetch.max.bytes')
    },
  }
  const slots = config.number('max.incremental.fetch.session.cache.slots')
  const sessions = new SessionCache({ clock, random }, slots)
  return [
    produce({
      logs,
      verifier: new CoordinatorVerifier(transactions),
      verificationEnabled: () => config.boolean('transaction.partition.verification.enable'),
    }),
    fetch({ logs, sessions, limits }),
    listOffsets({ logs }),
    deleteRecords({ logs }),
    initProducerId({ producerIds, transactions }),
    offsetForLeaderEpoch({ logs }),
    alterReplicaLogDirs({ logs, image: rooms.controller.image }),
    describeLogDirs({ logs }),
    describeProducers({ logs }),
  ]
}

function topicApis(rooms: ServedRooms): AnyApi[] {
  const { config, controller, autoTopics } = rooms
  const { image } = controller
  const view = viewOf(rooms)
  return [
    metadata({
      view,
      autoCreate: (name) => autoTopics.ensure(name),
      autoCreateEnabled: () => config.boolean('auto.create.topics.enable'),
    }),
    createTopics({
      controller,
      describe: (overrides) =>
        topicConfigEntries(config, overrides).map(({ name, value, readOnly, source, sensitive }) => ({
          name,
          value,
          readOnly,
          configSource: source,
          isSensitive: sensitive,
        })),
    }),
    deleteTopics({ controller, enabled: () => config.boolean('delete.topic.enable') }),
    createPartitions(controller),
    alterPartitionReassignments({ image }),
    listPartitionReassignments(),
    describeCluster(view),
    describeTopicPartitions({
      image,
      partitionsMax: () => config.number('max.request.partition.size.limit'),
    }),
  ]
}

function groupApis(rooms: ServedRooms): AnyApi[] {
  const { groups, autoTopics, endpointFor, controller, config } = rooms
  const protocols = config.list('group.coordinator.rebalance.protocols')
  const view = viewOf(rooms)
  const { nodeId } = controller.image
  return [
    offsetCommit({ groups, view }),
    offsetFetch({ groups, view }),
    findCoordinator({
      ensureOffsetsTopic: internalTopic(autoTopics, InternalTopic.ConsumerOffsets),
      ensureTransactionsTopic: internalTopic(autoTopics, InternalTopic.TransactionState),
      endpointFor: (client) => ({ nodeId, ...endpointFor(client) }),
    }),
    joinGroup(groups),
    heartbeat(groups),
    leaveGroup(groups),
    syncGroup(groups),
    describeGroups(groups),
    listGroups(groups),
    deleteGroups(groups),
    offsetDelete({ groups, view }),
    consumerGroupHeartbeat({ groups, enabled: () => protocols.includes('consumer') }),
    consumerGroupDescribe(groups),
  ]
}

function transactionApis(rooms: ServedRooms): AnyApi[] {
  const { transactions, groups, autoTopics } = rooms
  const view = viewOf(rooms)
  return [
    addPartitionsToTxn({ transactions, view }),
    addOffsetsToTxn({
      transactions,
      groups,
      ensureOffsetsTopic: internalTopic(autoTopics, InternalTopic.ConsumerOffsets),
    }),
    endTxn(transactions),
    writeTxnMarkers(transactions),
    txnOffsetCommit({ groups, verifier: new CoordinatorVerifier(transactions), view }),
    describeTransactions(transactions),
    listTransactions(transactions),
  ]
}

function configApis({ config, controller }: ServedRooms): AnyApi[] {
  return [
    describeConfigs({
      image: controller.image,
      brokerEntries: () => config.entries(),
      clusterEntries: () => config.clusterEntries(),
      topicEntries: (overrides) => topicConfigEntries(config, overrides),
      groupEntries: (overrides) => groupConfigEntries(config, overrides),
    }),
    alterConfigs(controller),
    incrementalAlterConfigs(controller),
    listConfigResources(controller.image),
    updateFeatures({ controller, supported: supportedFeatures }),
  ]
}
