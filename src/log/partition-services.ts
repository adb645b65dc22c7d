import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { TimingWheel } from '../base/timing-wheel.js'
import type { Engine } from '../native/engine.js'
import type { Files } from '../native/files.js'
import type { RecordsCodec } from './records-codec.js'
import type { TicketTable } from './tickets.js'

/** The outside world as the log room is given it; shared by all partitions. */
export interface PartitionServices {
  readonly engine: Engine
  readonly files: Files
  readonly clock: Clock
  readonly timers: TimingWheel
  readonly random: Random
  readonly logger: Logger
  readonly tickets: TicketTable
  readonly codec: RecordsCodec
}
