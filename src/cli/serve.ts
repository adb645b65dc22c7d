// Runs one broker in the foreground: configuration, start, the lines that say so, signals, stop.
//
// Exit codes: 0 stopped as asked, 1 did not start, lost its disks or did not stop well. The first SIGTERM or SIGINT
// stops gracefully, a second one ends the process at once.

import { readFile } from 'node:fs/promises'
import type { RootLogger } from '../base/logger.js'
import type { RunningBroker, StartOptions } from '../broker.js'
import { BrokerConfig } from '../config/broker-config.js'
import { explainFailure } from './explain-failure.js'
import type { Host } from './host.js'

type Broker = Pick<RunningBroker, 'listeners' | 'lost' | 'stop'>

export interface ServeOptions {
  readonly version: string
  readonly logger: RootLogger
  readonly startBroker: (options: StartOptions) => Promise<Broker>
  /** Called once the broker serves: what only its start needed may go. */
  readonly started: () => void
  readonly propertiesPath: string | null
  readonly overrides: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly host: Host
  /** Milliseconds since the process began. */
  readonly uptimeMs: () => number
}

export async function serve(options: ServeOptions): Promise<number> {
  const { logger, host } = options
  const stopAsked = listenForSignals(options)
  let broker: Broker
  let config: BrokerConfig | undefined
  try {
    config = await readConfig(options)
    broker = await options.startBroker({ config, logger })
    announce(options, config, broker)
    options.started()
  } catch (error) {
    logger.flush()
    host.writeError(explainFailure(error, { ...options, listeners: config?.listeners ?? [] }))
    return 1
  }
  const reason = await Promise.race([stopAsked, broker.lost])
  const lost = typeof reason !== 'string'
  if (lost)
    logger.error('The log directories the broker cannot do without have failed, it stops', { err: reason })
  else logger.info('Stopping', { signal: reason })
  try {
    await broker.stop()
  } catch (error) {
    logger.error('The broker did not stop cleanly; the next start will check its logs', { err: error })
    return 1
  }
  logger.info('Stopped')
  return lost ? 1 : 0
}

async function readConfig(options: ServeOptions): Promise<BrokerConfig> {
  const { propertiesPath, environment, overrides, logger } = options
  const file = propertiesPath === null ? '' : await readFile(propertiesPath, 'utf8')
  const { config, warnings } = BrokerConfig.parse({ file, environment, overrides })
  for (const warning of warnings) logger.warn(warning)
  return config
}

/** The first two lines are what test harnesses wait for, word for word as Kafka writes them. */
function announce(options: ServeOptions, config: BrokerConfig, broker: Broker): void {
  const { logger, version } = options
  const id = config.nodeId
  logger
    .child('kafka.server.BrokerLifecycleManager')
    .info(
      `[BrokerLifecycleManager id=${id}] The broker has been unfenced. Transitioning from RECOVERY to RUNNING.`,
    )
  logger.child('kafka.server.KafkaRaftServer').info(`[KafkaRaftServer nodeId=${id}] Kafka Server started`)
  const addresses = broker.listeners.map(({ host, port }) => `${reachable(host)}:${port}`).join(', ')
  const readyMs = Math.round(options.uptimeMs())
  logger.info(
    `Millrace ${version} serves ${addresses}, data in ${config.logDirs.join(', ')}, ready in ${readyMs} ms`,
  )
}

function reachable(host: string): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** Also ends the process, with a line in the log, for an error of ours that nobody caught. */
function listenForSignals({ logger, host }: ServeOptions): Promise<string> {
  const leave = (code: number) => {
    logger.flush()
    host.exit(code)
  }
  host.onUncaughtError((error) => {
    logger.error('An error inside the broker ends it', { err: error })
    leave(1)
  })
  return new Promise((resolve) => {
    let asked = false
    host.onSignal((signal) => {
      if (asked) {
        logger.warn('Asked again, ending at once; the next start will check the logs', { signal })
        leave(1)
      }
      asked = true
      resolve(signal)
    })
  })
}
