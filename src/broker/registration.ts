import { hostname } from 'node:os'
import type { Controller } from '../cluster/controller.js'
import { planElections } from '../cluster/elect-leaders.js'
import { OPERATION_RECORDS_MAX } from '../cluster/limits.js'
import type { MetadataRecord } from '../cluster/metadata-record.js'
import type { BrokerConfig } from '../config/broker-config.js'

export const METADATA_VERSION = 'metadata.version'
export const TRANSACTION_VERSION = 'transaction.version'
export const GROUP_VERSION = 'group.version'

/**
 * By Kafka's numbers. Metadata version 7 is 3.3-IV3, the oldest KRaft one that 4.x still knows, 25 is 4.0-IV3. From
 * transaction version 2 on clients leave adding partitions to the broker and get a new epoch with each transaction.
 * Group version 1 is the consumer group protocol.
 */
export const supportedFeatures = [
  { name: METADATA_VERSION, minVersion: 7, maxVersion: 25 },
  { name: TRANSACTION_VERSION, minVersion: 0, maxVersion: 2 },
  { name: GROUP_VERSION, minVersion: 0, maxVersion: 1 },
] as const

/** What a new cluster starts with, this broker's own entry, written anew at each start, and leaders that lack. */
export async function register(
  controller: Controller,
  broker: { config: BrokerConfig; incarnationId: string; directoryIds: readonly string[] },
): Promise<void> {
  await controller.record(() => {
    const records: MetadataRecord[] = []
    // Levels of a cluster that exists are its operators' to raise.
    if (!controller.image.features.has(METADATA_VERSION)) {
      for (const { name, maxVersion } of supportedFeatures) records.push(featureLevel(name, maxVersion))
    }
    const brokerEpoch = controller.image.offset + 1 + records.length
    records.push({ type: 'RegisterBroker', value: registration(broker, brokerEpoch) })
    return records
  })
  const elections = [...planElections(controller.image)]
  for (let at = 0; at < elections.length; at += OPERATION_RECORDS_MAX) {
    await controller.record(() => elections.slice(at, at + OPERATION_RECORDS_MAX))
  }
}

function featureLevel(name: string, level: number): MetadataRecord {
  return { type: 'FeatureLevel', value: { name, featureLevel: level } }
}

function registration(
  broker: { config: BrokerConfig; incarnationId: string; directoryIds: readonly string[] },
  brokerEpoch: number,
) {
  const { config, incarnationId, directoryIds } = broker
  return {
    brokerId: config.nodeId,
    isMigratingZkBroker: false,
    incarnationId,
    brokerEpoch,
    endPoints: config.listeners.map(({ name, host, port, advertised }) => ({
      name,
      host: advertised?.host ?? (host === '' || host === '0.0.0.0' ? hostname() : host),
      port: advertised?.port ?? port,
      securityProtocol: 0,
    })),
    features: supportedFeatures.map(({ name, minVersion, maxVersion }) => ({
      name,
      minSupportedVersion: minVersion,
      maxSupportedVersion: maxVersion,
    })),
    rack: config.string('broker.rack'),
    // One node has no quorum that would fence it, so it serves from its first record on.
    fenced: false,
    inControlledShutdown: false,
    logDirs: [...directoryIds],
    cordonedLogDirs: null,
  }
}
