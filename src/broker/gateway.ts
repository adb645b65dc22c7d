import { MetricsRegistry } from '../base/metrics.js'
import { startGateway } from '../gateway/gateway.js'
import type { LogCleaner } from '../log/cleaner/log-cleaner.js'
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

function brokerMetrics(metrics: MetricsRegistry, core: BrokerCore, network: BrokerNetwork): void {
  const { image } = core.controller
  metrics.gauge('millrace_topics', 'Topics, internal ones included.', () => image.topicCount)
  metrics.gauge('millrace_partitions', 'Partitions of all topics.', () => image.partitionCount)
  metrics.gauge('millrace_connections', 'Open client connections.', () => network.connections.size)
  cleanerMetrics(metrics, core.logs.cleaner)
}

function cleanerMetrics(metrics: MetricsRegistry, cleaner: LogCleaner): void {
  const { stats } = cleaner
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(`millrace_log_cleaner_${name}`, help, read)
  gauge('rounds', 'Rounds of compaction that were finished.', () => stats.rounds)
  gauge('failures', 'Rounds of compaction that ended early.', () => stats.failures)
  gauge('running', 'Rounds of compaction under way.', () => stats.running)
  gauge('read_bytes', 'Bytes compaction has read.', () => stats.bytesRead)
  gauge('written_bytes', 'Bytes compaction has written.', () => stats.bytesWritten)
  gauge('reclaimed_bytes', 'Bytes by which compaction has made logs smaller.', () => stats.bytesReclaimed)
  gauge('recopy_ratio', 'Bytes kept of those the last round copied.', () => stats.recopyRatio)
  gauge('buffer_utilization_ratio', 'How full the last table of keys was.', () => stats.mapUtilization)
  gauge('max_clean_seconds', 'The longest round.', () => stats.secondsMax)
  gauge('max_dirty_ratio', 'Dirty part of the dirtiest log.', () => stats.dirtyRatioMax)
  gauge('uncleanable_partitions', 'Logs that cannot be compacted.', () => cleaner.uncleanableCount)
}
