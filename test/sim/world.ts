// A broker's log room over a simulated disk: real control plane, engine and files in memory, a clock that moves by
// hand. `restart` and `crash` keep the disk and build everything else anew.

import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { SeededRandom } from '../../src/base/random.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import * as codec from '../../src/codec/codec.js'
import type { ProduceFacts } from '../../src/log/append.js'
import { type AppendOutcome, newOutcome } from '../../src/log/append-result.js'
import { NO_CLEANING } from '../../src/log/cleaner/settings.js'
import { DEFAULT_LOG_CONFIG, type LogConfig } from '../../src/log/log-config.js'
import { LogManager } from '../../src/log/log-manager.js'
import type { LogManagerOptions } from '../../src/log/log-manager-options.js'
import type { Partition } from '../../src/log/partition.js'
import { TicketTable } from '../../src/log/tickets.js'
import { FrameVerdict } from '../../src/native/engine.js'
import { type BatchOptions, buildBatch, type RecordInput } from '../../src/protocol/records/batch-builder.js'
import { SimDisk } from './disk.js'
import { SimEngine } from './engine.js'
import { SimFiles } from './files.js'

export const TOPIC_ID = 'topicAAAAAAAAAAAAAAAAA'

const OPTIONS: LogManagerOptions = {
  nodeId: 1,
  clusterId: null,
  logDirs: ['/data/a'],
  metadataLogDir: '/data/a',
  retentionCheckIntervalMs: 300_000,
  highWatermarkCheckpointIntervalMs: 5_000,
  recoveryPointCheckpointIntervalMs: 60_000,
  logStartCheckpointIntervalMs: 60_000,
  producerIdExpirationMs: 86_400_000,
  cordonedLogDirs: [],
  producerIdExpirationCheckIntervalMs: 600_000,
  recoveryThreadsPerDirectory: 2,
  moveThreads: 1,
  moveBytesPerSecond: Number.MAX_SAFE_INTEGER,
  cleaner: NO_CLEANING,
}

export class World {
  readonly clock = new FakeClock()
  readonly random = new SeededRandom(1)
  readonly disk: SimDisk
  readonly engine: SimEngine
  readonly files: SimFiles
  readonly timers: TimingWheel
  readonly tickets = new TicketTable()
  /** Tickets the log room did not know: a connection's. */
  readonly foreignTickets: { ticket: number; ok: boolean }[] = []
  logs!: LogManager

  private constructor(disk: SimDisk, auto: boolean, outside: { engine?: SimEngine; files?: SimFiles }) {
    this.disk = disk
    this.engine = outside.engine ?? new SimEngine({ disk, auto })
    this.engine.nowMs = () => this.clock.nowMs()
    this.files = outside.files ?? new SimFiles(disk)
    this.timers = new TimingWheel({ clock: this.clock })
  }

  static async start(
    settings: {
      disk?: SimDisk
      auto?: boolean
      options?: Partial<LogManagerOptions>
      /** Over the same disk. */
      engine?: SimEngine
      files?: SimFiles
      /** Before anything is read. */
      prepare?: (files: SimFiles) => void
    } = {},
  ): Promise<World> {
    const world = new World(settings.disk ?? new SimDisk(), settings.auto ?? false, settings)
    settings.prepare?.(world.files)
    const { engine, files, clock, timers, random, tickets } = world
    const services = { engine, files, clock, timers, random, tickets, codec, logger: nullLogger }
    world.logs = await LogManager.start(services, { ...OPTIONS, ...settings.options })
    const foreign = (ticket: number, ok: boolean) => world.foreignTickets.push({ ticket, ok })
    engine.start({
      accepted: () => {},
      frame: () => {},
      closed: () => {},
      drained: () => {},
      transcode: () => {},
      appended: (log, endOffset) => world.logs.appended(log, endOffset),
      indexRebuilt: (log, baseOffset) => world.logs.indexRebuilt(log, baseOffset),
      rolled: (log, baseOffset) => world.logs.rolled(log, baseOffset),
      logFailed: (log, endOffset, error) => world.logs.logFailed(log, endOffset, error),
      ticketDone: (ticket) => world.logs.ticketDone(ticket) || foreign(ticket, true),
      ticketFailed: (ticket) => world.logs.ticketFailed(ticket) || foreign(ticket, false),
    })
    return world
  }

  open(
    topic = 'orders',
    settings: {
      config?: Partial<LogConfig>
      partition?: number
      topicId?: string
      leaderEpoch?: number
      isNew?: boolean
    } = {},
  ) {
    const { config, partition = 0, topicId = TOPIC_ID, leaderEpoch = 0, isNew = false } = settings
    const full = { ...DEFAULT_LOG_CONFIG, ...config }
    return this.logs.createPartition({ topic, topicId, partition, config: full, leaderEpoch, isNew })
  }

  /** Hands a batch to a partition as the produce handler does. */
  produce(
    partition: Partition,
    bytes: Buffer,
    request: Partial<ProduceFacts> & { verdict?: number } = {},
  ): AppendOutcome {
    const facts = {
      ticket: this.tickets.next(),
      acks: -1,
      apiVersion: 13,
      transactionalId: null,
      verifier: null,
      ...request,
    }
    const { position, length, frame } = this.engine.receive(bytes)
    const out = newOutcome()
    const verdict = request.verdict ?? FrameVerdict.Failed
    partition.appendProduced({ position, length, frame, verdict }, facts, out)
    if (out.submitted) this.engine.awaitAppends(facts.ticket, 1)
    return out
  }

  /** Moves the clock and fires what is due. */
  advance(ms: number): void {
    this.clock.advance(ms)
    this.timers.advance()
  }
}

/** A batch of records with these values, dated now. */
export function batchOf(
  values: readonly string[],
  options: BatchOptions & { timestamp?: number } = {},
): Buffer {
  const timestamp = options.timestamp ?? 1_700_000_000_000
  const records: RecordInput[] = values.map((value) => ({
    key: Buffer.from('k'),
    value: Buffer.from(value),
    timestamp,
  }))
  return buildBatch(records, options)
}

/** Lets promises settle that need no clock. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
