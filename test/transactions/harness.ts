import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import { replayLog } from '../../src/coordinator/loader.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { defaultTransactionConfig, type TransactionConfig } from '../../src/transactions/config.js'
import { transactionEntryCodec } from '../../src/transactions/entries.js'
import type { TransactionMarker } from '../../src/transactions/marker-writer.js'
import type { ProducerReply } from '../../src/transactions/requests.js'
import { statusName } from '../../src/transactions/status.js'
import { TransactionCoordinator } from '../../src/transactions/transaction-coordinator.js'
import { TransactionShard } from '../../src/transactions/transaction-shard.js'
import { MemoryLog, settle } from '../coordinator/memory-log.js'

export const ID = 'my-transactions'

export type WrittenMarker = TransactionMarker & { readonly place: string }

/** Partitions that take markers, at once or when a test lets them. */
export class FakeTargets {
  readonly written: WrittenMarker[] = []
  readonly gone = new Set<string>()
  readonly failing = new Map<string, number>()
  held = false
  #waiting: (() => void)[] = []

  find(topic: string, partition: number) {
    const place = `${topic}-${partition}`
    if (this.gone.has(place)) return null
    return {
      appendMarker: async (marker: TransactionMarker) => {
        if (this.held) await new Promise<void>((resolve) => this.#waiting.push(resolve))
        const errorCode = this.failing.get(place) ?? ErrorCode.NONE
        if (errorCode === ErrorCode.NONE) this.written.push({ place, ...marker })
        return { errorCode }
      },
    }
  }

  readonly told: string[] = []

  markerWritten({ topic, partition }: { topic: string; partition: number }): void {
    this.told.push(`${topic}-${partition}`)
  }

  release(): void {
    this.held = false
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** One coordinator over one partition, with everything around it in the test's hands. */
export class TransactionWorld {
  readonly clock: FakeClock
  readonly timers: TimingWheel
  readonly coordinator: TransactionCoordinator
  readonly config: TransactionConfig

  private constructor(
    config: Partial<TransactionConfig>,
    readonly log: MemoryLog,
    readonly targets: FakeTargets,
    readonly producerIds: { last: number },
    nowMs: number,
  ) {
    this.clock = new FakeClock(nowMs)
    this.timers = new TimingWheel({ clock: this.clock })
    this.config = { ...defaultTransactionConfig, ...config }
    this.coordinator = new TransactionCoordinator({
      config: this.config,
      partitionCount: () => 1,
      producerIds: { next: async () => ++producerIds.last },
      targets: {
        find: (topic, partition) => targets.find(topic, partition),
        ending: () => {},
        written: (place) => targets.markerWritten(place),
      },
      clock: this.clock,
      timers: this.timers,
      logger: nullLogger,
    })
  }

  static async start(config: Partial<TransactionConfig> = {}): Promise<TransactionWorld> {
    const world = new TransactionWorld(
      config,
      new MemoryLog(),
      new FakeTargets(),
      { last: 999 },
      1_700_000_000_000,
    )
    await world.coordinator.load(0, world.log, 7)
    return world
  }

  /** The same log under a new coordinator, as after a crash: what was not written is lost. */
  async restarted(): Promise<TransactionWorld> {
    this.coordinator.stop()
    this.log.fail()
    await settle()
    const { log, targets, producerIds, clock } = this
    const world = new TransactionWorld(this.config, log, targets, producerIds, clock.nowMs())
    await world.coordinator.load(0, log, 8)
    return world
  }

  async advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; ) {
      const step = Math.min(left, Math.max(Math.ceil(this.timers.advance()), 1))
      this.clock.advance(step)
      this.timers.advance()
      await settle()
      left -= step
    }
  }

  init(
    expected: { producerId: number; producerEpoch: number } | null = null,
    options: { transactionalId?: string; transactionTimeoutMs?: number } = {},
  ): Promise<ProducerReply> {
    return this.coordinator.initProducer({
      transactionalId: ID,
      transactionTimeoutMs: 60_000,
      expected,
      ...options,
    })
  }

  add(producer: Producer, partitions: number[] = [0], options: { version?: number; patient?: boolean } = {}) {
    const { version = 2, patient = false } = options
    return this.coordinator.addPartitions({
      transactionalId: ID,
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      topics: [{ topic: 'topic', partitions }],
      transactionVersion: version,
      patient,
    })
  }

  end(producer: Producer, committed: boolean, transactionVersion = 2): Promise<ProducerReply> {
    const { producerId, producerEpoch } = producer
    const request = { transactionalId: ID, producerId, producerEpoch, committed, transactionVersion }
    return this.coordinator.endTransaction(request)
  }

  status(): string {
    const transaction = this.coordinator.inspect(0)?.transactions.get(ID)
    return transaction === undefined ? 'none' : statusName(transaction.status)
  }

  epoch(): number {
    return this.coordinator.inspect(0)?.transactions.get(ID)?.value.producerEpoch ?? -1
  }

  /** Puts an epoch into the log that would take long to reach. */
  async atEpoch(producerEpoch: number): Promise<TransactionWorld> {
    const transaction = this.coordinator.inspect(0)?.transactions.get(ID)
    if (transaction === undefined) throw new Error('no producer was initialised')
    transaction.value = { ...transaction.value, producerEpoch }
    return this
  }
}

export interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

/** The state the log alone gives. */
export async function replayed(log: MemoryLog): Promise<TransactionShard> {
  const machine = new TransactionShard({
    config: defaultTransactionConfig,
    writeMarkers: () => {},
    notice: () => {},
  })
  const compression = {
    compress: () => Promise.reject(new Error('unused')),
    decompress: () => Promise.reject(new Error('unused')),
  }
  await replayLog({ log, machine, codec: transactionEntryCodec, compression, wanted: () => true })
  return machine
}

export function stored(shard: TransactionShard) {
  return [...shard.transactions.values()].map(({ transactionalId, value }) => ({ transactionalId, ...value }))
}

export { settle }
