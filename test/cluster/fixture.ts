import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { SeededRandom } from '../../src/base/random.js'
import { configRulesOf } from '../../src/cluster/config-rules.js'
import { Controller } from '../../src/cluster/controller.js'
import type { MetadataDelta } from '../../src/cluster/metadata-delta.js'
import { MetadataStore } from '../../src/cluster/metadata-store.js'
import { MutableImage } from '../../src/cluster/mutable-image.js'
import { BrokerConfig } from '../../src/config/broker-config.js'
import { MemoryMetadataLog } from '../support/memory-metadata-log.js'

/** A controller over a log in memory, with brokers 0.. registered, and the deltas it handed out. */
export async function controllerOver(log = new MemoryMetadataLog(), brokerCount = 1) {
  const image = new MutableImage({ clusterId: 'cluster', nodeId: 0 })
  const store = new MetadataStore(image, log, { clock: new FakeClock(), logger: nullLogger })
  await store.replay()
  const { config } = BrokerConfig.parse({})
  const deltas: MetadataDelta[] = []
  const controller = new Controller({
    store,
    rules: configRulesOf(config),
    defaults: () => ({ partitionCount: 3, replicationFactor: 1 }),
    random: new SeededRandom(1),
    logger: nullLogger,
    onDelta: async (delta) => void deltas.push(delta),
  })
  await controller.record(() =>
    Array.from({ length: brokerCount }, (_, brokerId) => ({
      type: 'RegisterBroker',
      value: broker(brokerId),
    })),
  )
  return { controller, image, store, deltas, log, config }
}

export function broker(brokerId: number) {
  return {
    brokerId,
    isMigratingZkBroker: false,
    incarnationId: 'AAAAAAAAAAAAAAAAAAAAAQ',
    brokerEpoch: 7,
    endPoints: [{ name: 'PLAINTEXT', host: 'host', port: 9092 + brokerId, securityProtocol: 0 }],
    features: [],
    rack: null,
    fenced: false,
    inControlledShutdown: false,
    logDirs: [],
    cordonedLogDirs: null,
  }
}

export function topic(name: string, extra: object = {}) {
  return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [], ...extra }
}
