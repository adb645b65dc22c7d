import { MetricsRegistry } from '../base/metrics.js'
import { startGateway } from '../gateway/gateway.js'
import type { BrokerCore, Surroundings } from './core.js'
import type { BrokerNetwork } from './network.js'

export interface BrokerGateway {
  /** From now on the broker counts as ready, and its own gauges are shown. */
  serving(core: BrokerCore, network: BrokerNetwork): void
  /** The port stays open, so that a probe sees the broker leave. */
  leaving(): void
  stop(): Promise<void>
}

/** Opened first and closed last, so that readiness can be asked for while logs are opened. */
export async function openGateway({ config, logger }: Surroundings): Promise<BrokerGateway> {
  const listener = config.string('millrace.http.listener') ?? ''
  if (listener === '') return closedGateway
  const metrics = new MetricsRegistry()
  processMetrics(metrics)
  let ready = false
  const gateway = await startGateway({
    listener,
    logger: logger.child('gateway'),
    metrics,
    ready: () => ready,
  })
  return {
    serving(core, network) {
      brokerMetrics(metrics, core, network)
      ready = true
    },
    leaving() {
      ready = false
    },
    stop: () => gateway.stop(),
  }
}

const closedGateway: BrokerGateway = {
  serving: () => {},
  leaving: () => {},
  stop: async () => {},
}

function processMetrics(metrics: MetricsRegistry): void {
  const memory = () => process.memoryUsage()
  metrics.gauge('process_resident_memory_bytes', 'Resident memory.', () => memory().rss)
  metrics.gauge('nodejs_heap_used_bytes', 'Used JavaScript heap.', () => memory().heapUsed)
  metrics.gauge('process_uptime_seconds', 'Seconds since the process began.', () => process.uptime())
  metrics.gauge('process_cpu_seconds', 'User and system time used by all threads.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
}

function brokerMetrics(metrics: MetricsRegistry, { controller }: BrokerCore, network: BrokerNetwork): void {
  const { image } = controller
  metrics.gauge('millrace_topics', 'Topics, internal ones included.', () => image.topicCount)
  metrics.gauge('millrace_partitions', 'Partitions of all topics.', () => image.partitionCount)
  metrics.gauge('millrace_connections', 'Open client connections.', () => network.connections.size)
}
