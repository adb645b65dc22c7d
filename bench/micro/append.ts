// Question: what does the script pay to take one batch into its log, and how much of that is idempotence?
// Unit: one batch: header checks, producer state, offset, submission, and its part in the news that it was written.
// The engine only remembers what it was given, so this is the script and no disk. `inFlight` batches are submitted
// before the first of them is written, as a producer's five requests would be; `producers` take turns.

import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { SeededRandom } from '../../src/base/random.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import { newOutcome } from '../../src/log/append-result.js'
import { DEFAULT_LOG_CONFIG } from '../../src/log/log-config.js'
import { Partition } from '../../src/log/partition.js'
import type { PartitionServices } from '../../src/log/partition-services.js'
import { TicketTable } from '../../src/log/tickets.js'
import { FrameVerdict } from '../../src/native/engine.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { BatchField } from '../../src/protocol/records/batch-header.js'
import { type MicroBench, mix, type Subject } from './harness.js'

export const append: MicroBench = {
  name: 'append',
  question: 'What does it cost to take a batch into its log, plain and idempotent?',
  unit: 'batch',
  parameters: {
    batches: { small: 40, real: 2_000 },
    inFlight: { small: 5, real: 5 },
    producers: { small: 2, real: 100 },
  },
  open({ batches = 0, inFlight = 0, producers = 0 }) {
    const size = { batches, inFlight }
    return {
      subjects: [
        appending('plain', { ...size, producers: 0 }),
        appending('idempotent, one producer', { ...size, producers: 1 }),
        appending(`idempotent, ${producers} producers`, { ...size, producers }),
      ],
    }
  },
}

const TIMESTAMP = 1_700_000_000_000
const RECORDS_PER_BATCH = 10
const FIRST_PRODUCER = 1_000

/** What an append uses of an engine. */
class RememberingEngine {
  readonly slab: Buffer
  hash = 0

  constructor(batch: Buffer) {
    this.slab = Buffer.from(batch)
  }

  append(_log: number, frame: number, _position: number, length: number): void {
    this.hash = mix(this.hash, frame + length)
  }
}

interface Load {
  readonly batches: number
  readonly inFlight: number
  /** 0: batches without a producer id. */
  readonly producers: number
}

function appending(name: string, { batches, inFlight, producers }: Load): Subject {
  const engine = new RememberingEngine(batchOf(producers))
  const { slab } = engine
  const partition = partitionOf(engine)
  const batch = { position: 0, length: slab.length, frame: 0, verdict: FrameVerdict.Verified }
  const request = { ticket: 1, acks: -1, apiVersion: 13, transactionalId: null, verifier: null }
  const out = newOutcome()
  const sequences = new Int32Array(Math.max(1, producers))
  return {
    name,
    operations: batches,
    run() {
      engine.hash = 0
      for (let i = 0; i < batches; i++) {
        const producer = producers > 0 ? i % producers : 0
        const sequence = sequences[producer] as number
        slab.writeInt32BE(0, BatchField.baseOffset + 4)
        slab.writeInt32BE(producers > 0 ? FIRST_PRODUCER + producer : -1, BatchField.producerId + 4)
        slab.writeInt32BE(producers > 0 ? sequence : -1, BatchField.baseSequence)
        sequences[producer] = (sequence + RECORDS_PER_BATCH) & 0x7fffffff
        partition.appendProduced(batch, request, out)
        engine.hash = mix(engine.hash, out.errorCode)
        if ((i + 1) % inFlight === 0) partition.written(partition.nextOffset())
      }
      partition.written(partition.nextOffset())
      return engine.hash
    },
  }
}

function batchOf(producers: number): Buffer {
  const records = Array.from({ length: RECORDS_PER_BATCH }, () => ({
    key: null,
    value: Buffer.alloc(100, 0x61),
    timestamp: TIMESTAMP,
  }))
  return buildBatch(
    records,
    producers > 0 ? { producerId: FIRST_PRODUCER, producerEpoch: 0, baseSequence: 0 } : {},
  )
}

function partitionOf(engine: RememberingEngine): Partition {
  const clock = new FakeClock(TIMESTAMP)
  const services = {
    engine,
    clock,
    timers: new TimingWheel({ clock }),
    random: new SeededRandom(1),
    logger: nullLogger,
    tickets: new TicketTable(),
  } as unknown as PartitionServices
  const log = {
    log: 0,
    directory: '/bench/orders-0',
    logDirectory: '/bench',
    logStartOffset: 0,
    logEndOffset: 0,
    recoveryPoint: 0,
    cleanOffset: -1,
    config: DEFAULT_LOG_CONFIG,
    jitter: 0,
  }
  return new Partition({ topic: 'orders', topicId: 'topicAAAAAAAAAAAAAAAAA', partition: 0 }, services, log)
}
