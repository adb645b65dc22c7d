// Metrics and telemetry.

import { int, list, long, string } from '../config-key.js'

export const metricsKeys = [
  int('kafka.metrics.polling.interval.secs', 10, 'Polling interval of the older metrics reporters.', {
    min: 1,
  }),
  list('kafka.metrics.reporters', [], 'Java classes of the older metrics reporters.', { emptyAllowed: true }),
  list(
    'metric.reporters',
    ['org.apache.kafka.common.metrics.JmxReporter'],
    'Java classes that report metrics.',
    { emptyAllowed: true, scope: 'cluster-wide' },
  ),
  int('metrics.num.samples', 2, 'Samples kept for a metric.', { min: 1 }),
  string('metrics.recording.level', 'INFO', 'Detail at which metrics are recorded.'),
  long('metrics.sample.window.ms', 30_000, "Length of a metric's sample.", { min: 1 }),
  int('telemetry.max.bytes', 1_048_576, 'Largest telemetry message accepted from a client.', { min: 1 }),
]
