// Every scenario, in the order of a report.

import type { Scenario } from '../scenario.js'
import { CLEANER_SCENARIOS } from './cleaner.js'
import { CONSUME_SCENARIOS } from './consume.js'
import { EXACTLY_ONCE_SCENARIOS } from './exactly-once.js'
import { JAVA_SCENARIOS } from './java.js'
import { LATENCY_SCENARIOS } from './latency.js'
import { LIBRDKAFKA_SCENARIOS } from './librdkafka.js'
import { LIFECYCLE_SCENARIOS } from './lifecycle.js'
import { PARTITION_SCENARIOS } from './partitions.js'
import { PRODUCE_SCENARIOS } from './produce.js'

export const SCENARIOS: readonly Scenario[] = [
  ...PRODUCE_SCENARIOS,
  ...CONSUME_SCENARIOS,
  ...LATENCY_SCENARIOS,
  ...PARTITION_SCENARIOS,
  ...LIFECYCLE_SCENARIOS,
  ...CLEANER_SCENARIOS,
  ...JAVA_SCENARIOS,
  ...LIBRDKAFKA_SCENARIOS,
  ...EXACTLY_ONCE_SCENARIOS,
]
