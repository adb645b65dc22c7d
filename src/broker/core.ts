import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { TimingWheel } from '../base/timing-wheel.js'
import { AutoTopics } from '../cluster/auto-topics.js'
import { configRulesOf } from '../cluster/config-rules.js'
import { Controller } from '../cluster/controller.js'
import { MetadataStore } from '../cluster/metadata-store.js'
import { MutableImage } from '../cluster/mutable-image.js'
import { ProducerIds } from '../cluster/producer-ids.js'
import { InternalTopic } from '../cluster/topic-name.js'
import { compress, decompress } from '../codec/codec.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { groupConfigOf } from '../groups/config.js'
import { GroupCoordinator } from '../groups/group-coordinator.js'
import { DECOMPRESSED_BYTES_MAX } from '../log/limits.js'
import { LogManager } from '../log/log-manager.js'
import { logManagerOptions } from '../log/log-manager-options.js'
import { TicketTable } from '../log/tickets.js'
import type { Engine } from '../native/engine.js'
import type { Files } from '../native/files.js'
import { transactionConfigOf } from '../transactions/config.js'
import { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { consumerEnvironment } from './consumer-groups.js'
import {
  coordinatorObserver,
  markerTargets,
  offsetsPartitionCount,
  topicGone,
  transactionsPartitionCount,
} from './coordinators.js'
import type { EventRouter } from './engine-events.js'
import { MetadataChanges } from './metadata-changes.js'
import { metadataSnapshots, openMetadataLog, readSnapshot } from './metadata-log.js'
import { register } from './registration.js'

/** The outside world, as the rooms are given it. */
export interface Surroundings {
  readonly config: BrokerConfig
  readonly engine: Engine
  readonly files: Files
  readonly clock: Clock
  readonly timers: TimingWheel
  readonly random: Random
  readonly logger: Logger
}

/** Everything but the network: what requests are served from. */
export interface BrokerCore {
  readonly logs: LogManager
  readonly controller: Controller
  readonly autoTopics: AutoTopics
  readonly groups: GroupCoordinator
  readonly transactions: TransactionCoordinator
  readonly producerIds: ProducerIds
  stop(): Promise<void>
}

/**
 * In this order: directories are locked, the metadata log is replayed, live settings are applied, this broker is
 * registered, partitions are opened and their coordinators loaded. Stopping undoes it from the end.
 */
export async function openCore(surroundings: Surroundings, router: EventRouter): Promise<BrokerCore> {
  const { config, engine, files, clock, timers, random, logger } = surroundings
  const clusterId = config.string('millrace.cluster.id') || null
  const logs = await LogManager.start(
    { engine, files, clock, timers, random, logger: logger.child('log'), tickets: new TicketTable(), codec },
    logManagerOptions(config, clusterId),
  )
  router.logs = logs
  try {
    const image = new MutableImage({ clusterId: logs.clusterId, nodeId: config.nodeId })
    const metadataLog = await openMetadataLog(logs)
    const snapshots = metadataSnapshots(files, metadataLog, config)
    const deps = { clock, logger: logger.child('metadata'), snapshots }
    const store = new MetadataStore(image, metadataLog, deps)
    await store.replay(await readSnapshot(files, metadataLog, deps.logger))
    const groups = new GroupCoordinator({
      config: groupConfigOf(config),
      partitionCount: () => offsetsPartitionCount(image, config),
      consumers: consumerEnvironment(image, config),
      isTopicGone: topicGone(image),
      clock,
      timers,
      random,
      logger,
      compression: { compress, decompress: codec.decompressAny },
    })
    const producerIds = new ProducerIds({
      allocateProducerIds: (count) => controller.allocateProducerIds(count),
    })
    const transactions = new TransactionCoordinator({
      config: transactionConfigOf(config),
      partitionCount: () => transactionsPartitionCount(image, config),
      producerIds,
      targets: markerTargets(image, logs, groups),
      clock,
      timers,
      logger,
      compression: { compress, decompress: codec.decompressAny },
    })
    const observer = coordinatorObserver(groups, transactions)
    const changes = new MetadataChanges({ image, config, logs, observer, logger: logger.child('broker') })
    const controller: Controller = new Controller({
      store,
      rules: configRulesOf(config),
      defaults: () => ({
        partitionCount: config.number('num.partitions'),
        replicationFactor: config.number('default.replication.factor'),
      }),
      random,
      logger: logger.child('controller'),
      onDelta: (delta) => changes.apply(delta),
    })
    changes.configureBrokers()
    const directoryIds = [...logs.directoryIds.values()]
    await register(controller, { config, incarnationId: random.uuid(), directoryIds })
    await changes.openAll()
    logs.warnOfUnclaimed()
    return {
      logs,
      controller,
      autoTopics: new AutoTopics(controller, (name) => internalSettings(config, name)),
      groups,
      transactions,
      producerIds,
      async stop() {
        transactions.stop()
        groups.stop()
        await controller.stop()
        await logs.stop()
      },
    }
  } catch (error) {
    await logs.stop()
    throw error
  }
}

const codec = {
  compress: (type: number, bytes: Buffer, level?: number) => compress(type, bytes, level),
  decompress,
  decompressAny: (type: number, bytes: Buffer) => decompress(type, bytes, DECOMPRESSED_BYTES_MAX),
}

function internalSettings(config: BrokerConfig, name: string) {
  switch (name) {
    case InternalTopic.TransactionState:
      return {
        partitionCount: config.number('transaction.state.log.num.partitions'),
        segmentBytes: config.number('transaction.state.log.segment.bytes'),
      }
    case InternalTopic.ShareGroupState:
      return {
        partitionCount: config.number('share.coordinator.state.topic.num.partitions'),
        segmentBytes: config.number('share.coordinator.state.topic.segment.bytes'),
      }
    default:
      return {
        partitionCount: config.number('offsets.topic.num.partitions'),
        segmentBytes: config.number('offsets.topic.segment.bytes'),
      }
  }
}
