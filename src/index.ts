// Millrace inside a Node program: `const broker = await startBroker()`, a client with `broker.bootstrap`, and
// `await broker.stop()` at the end.

import { tmpdir } from 'node:os'
import { type Logger, nullLogger } from './base/logger.js'
import { systemRandom } from './base/random.js'
import { type RunningBroker, startBroker as startConfigured } from './broker.js'
import { BrokerConfig } from './config/broker-config.js'
import { nodeFiles } from './native/node-files.js'

export type { Logger } from './base/logger.js'
export type { RunningBroker } from './broker.js'

export interface EmbeddedOptions {
  /** 0, the default, takes a free port; see `RunningBroker.bootstrap`. */
  readonly port?: number
  readonly host?: string
  /** Where records are kept. Without it a temporary directory is used and removed at `stop`. */
  readonly dataDir?: string
  /** Any broker setting by its Kafka name. */
  readonly overrides?: Readonly<Record<string, string | number | boolean>>
  /** Silent by default. */
  readonly logger?: Logger
}

export async function startBroker(options: EmbeddedOptions = {}): Promise<RunningBroker> {
  const { port = 0, host = '127.0.0.1', overrides = {}, logger = nullLogger } = options
  const temporary = options.dataDir === undefined
  const dataDir = options.dataDir ?? `${tmpdir()}/millrace-${systemRandom.uuidText()}`
  const settings = {
    listeners: `PLAINTEXT://${host.includes(':') ? `[${host}]` : host}:${port}`,
    'log.dirs': dataDir,
    ...embeddedDefaults,
    ...Object.fromEntries(Object.entries(overrides).map(([name, value]) => [name, String(value)])),
  }
  const { config } = BrokerConfig.parse({ overrides: settings })
  if (!temporary) return startConfigured({ config, logger })
  const broker = await startConfigured({ config, logger }).catch(async (error: unknown) => {
    await nodeFiles.remove(dataDir)
    throw error
  })
  const stop = async () => {
    await broker.stop()
    await nodeFiles.remove(dataDir)
  }
  return { ...broker, stop }
}

/** One program on one machine: fewer threads, and groups that do not wait for members that never come. */
const embeddedDefaults = {
  'num.network.threads': '1',
  'millrace.log.threads': '1',
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.num.partitions': '4',
}
