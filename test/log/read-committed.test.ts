// Goal: a reader of committed records, beginning at any offset and with any limit, sees exactly what a model sees
// that keeps every record with its transaction. Random interleavings of producers, markers, failed writes, deleted
// records, retention by size and by time, and restarts; the reader is a client's: it knows nothing but batches and the list of aborted transactions.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LogConfig } from '../../src/log/log-config.js'
import type { Partition } from '../../src/log/partition.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { readBatch } from '../../src/protocol/records/batch-reader.js'
import { batchOf, settled, World } from '../sim/world.js'
import { end, readFrom, send } from './transaction-harness.js'

type Step =
  | { kind: 'send'; producerId: number; count: number }
  | { kind: 'plain'; count: number }
  | { kind: 'end'; producerId: number; commit: boolean; bump: boolean }
  | { kind: 'trim'; share: number }
  | { kind: 'retain'; config: { retentionBytes: number } | { retentionMs: number } }
  | { kind: 'roll' | 'fail' | 'restart' | 'kill' | 'power' | 'checkpoint' }

const RETENTION_CHECK_MS = 300_000
const CONFIG = { segmentBytes: 600, flushMessages: 1, retentionMs: -1 }
const producerIds = [1, 2, 3]
const producerId = fc.constantFrom(...producerIds)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      producerId,
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('plain' as const), count: fc.integer({ min: 1, max: 2 }) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      producerId,
      commit: fc.boolean(),
      bump: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('roll', 'fail', 'restart', 'kill', 'power', 'checkpoint'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('trim' as const),
      share: fc.constantFrom(0.3, 0.5, 0.9, 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('retain' as const),
      config: fc.constantFrom(
        { retentionBytes: 0 },
        { retentionBytes: 700 },
        { retentionBytes: 1_500 },
        { retentionMs: 0 },
        { retentionMs: RETENTION_CHECK_MS },
        { retentionMs: RETENTION_CHECK_MS + 60_000 },
      ),
    }),
  },
)

interface ModelBatch {
  readonly offset: number
  readonly count: number
  /** Null for a plain one; a marker has a count of 0. */
  readonly transaction: { state: 'open' | 'commit' | 'abort' } | null
}

interface Producer {
  epoch: number
  sequence: number
  transaction: { state: 'open' | 'commit' | 'abort' } | null
}

class Model {
  batches: ModelBatch[] = []
  readonly producers = new Map<number, Producer>(
    producerIds.map((id) => [id, { epoch: 0, sequence: 0, transaction: null }]),
  )

  lastStableOffset(endOffset: number, startOffset: number): number {
    const open = this.batches.find(({ transaction }) => transaction?.state === 'open')
    return Math.min(endOffset, Math.max(open?.offset ?? endOffset, startOffset))
  }

  /** Offsets a reader of committed records gets from `offset` on. */
  visible(offset: number, lastStableOffset: number): number[] {
    return this.batches
      .filter(({ transaction }) => transaction === null || transaction.state === 'commit')
      .flatMap((batch) => Array.from({ length: batch.count }, (_, index) => batch.offset + index))
      .filter((each) => each >= offset && each < lastStableOffset)
  }
}

class Run {
  model = new Model()
  failing = false

  private constructor(
    public world: World,
    public partition: Partition,
  ) {}

  static async start(): Promise<Run> {
    const world = await World.start()
    return new Run(world, await Run.open(world))
  }

  static open(world: World): Promise<Partition> {
    return world.open('orders', { config: CONFIG })
  }

  async take(step: Step): Promise<void> {
    const { world, partition } = this
    switch (step.kind) {
      case 'send':
        return this.send(step.producerId, step.count)
      case 'plain':
        return this.plain(step.count)
      case 'end':
        return this.end(step.producerId, step)
      case 'roll':
        if (!this.failing) await world.engine.roll(partition.log)
        return settled()
      case 'fail':
        world.engine.failWrites('ENOSPC')
        this.failing = true
        return
      case 'trim':
        return this.trim(step.share)
      case 'retain':
        return this.retain(step.config)
      case 'checkpoint':
        await settled()
        world.advance(60_000)
        return settled()
      default:
        return this.restart(step.kind)
    }
  }

  private async send(producerId: number, count: number): Promise<void> {
    const producer = this.model.producers.get(producerId) as Producer
    const { epoch, sequence } = producer
    const out = send(this.world, this.partition, { producerId, epoch, sequence, count }, { apiVersion: 11 })
    assert.equal(out.errorCode, 0)
    if (!this.written()) return
    producer.sequence += count
    producer.transaction ??= { state: 'open' }
    this.model.batches.push({ offset: out.baseOffset, count, transaction: producer.transaction })
  }

  private async plain(count: number): Promise<void> {
    const values = Array.from({ length: count }, () => 'plain')
    const out = this.world.produce(this.partition, batchOf(values))
    if (this.written()) this.model.batches.push({ offset: out.baseOffset, count, transaction: null })
  }

  private async end(producerId: number, { commit, bump }: { commit: boolean; bump: boolean }): Promise<void> {
    const producer = this.model.producers.get(producerId) as Producer
    const mark = { producerId, epoch: producer.epoch + (bump ? 1 : 0), version: bump ? 2 : 1 }
    const code = await end(this.world, this.partition, commit ? 'commit' : 'abort', mark)
    if (!this.written()) return
    assert.equal(code, 0)
    if (producer.transaction !== null) producer.transaction.state = commit ? 'commit' : 'abort'
    producer.transaction = null
    if (bump) {
      producer.epoch++
      producer.sequence = 0
    }
  }

  /** Writes what was submitted; false when the disk had no room for it. */
  private written(): boolean {
    this.world.engine.run()
    const failed = this.partition.status === 'paused'
    if (!failed) return true
    this.failing = false
    this.world.advance(1_000)
    this.world.engine.run()
    return false
  }

  /** Anywhere: the beginning of an open transaction may go, and the transaction stays open. */
  private async trim(share: number): Promise<void> {
    const { logStartOffset, highWatermark } = this.partition
    await this.partition.deleteRecordsBefore(
      logStartOffset + Math.floor((highWatermark - logStartOffset) * share),
    )
  }

  /** Whole segments from the front, also those where a transaction began that is not over. */
  private async retain(config: Partial<LogConfig>): Promise<void> {
    const { world, partition } = this
    const before = partition.config
    partition.configure({ ...before, ...config })
    world.advance(RETENTION_CHECK_MS)
    for (let turn = 0; turn < 10; turn++) {
      world.engine.run()
      await settled()
    }
    partition.configure(before)
    if (partition.status === 'paused') world.advance(1_000)
    world.engine.run()
    this.failing = false
  }

  private async restart(kind: 'restart' | 'kill' | 'power'): Promise<void> {
    if (kind === 'restart') await this.world.logs.stop()
    this.world.files.die()
    if (kind !== 'restart') this.world.engine.crash({ power: kind === 'power' })
    this.world = await World.start({ disk: this.world.disk })
    this.partition = await Run.open(this.world)
    this.failing = false
  }

  check(): void {
    const { partition, model } = this
    const { logStartOffset, logEndOffset, lastStableOffset } = partition
    assert.equal(lastStableOffset, model.lastStableOffset(logEndOffset, logStartOffset))
    for (let offset = logStartOffset; offset <= logEndOffset; offset++) {
      const expected = model.visible(offset, lastStableOffset)
      for (const maxBytes of [1, 150, 1 << 20]) {
        assert.deepEqual(
          this.consume(offset, maxBytes),
          expected,
          `from ${offset}, ${maxBytes} bytes at once`,
        )
      }
    }
  }

  /** As Kafka's consumer does it, fetch after fetch. */
  private consume(from: number, maxBytes: number): number[] {
    const seen: number[] = []
    for (let offset = from; ; ) {
      const result = readFrom(this.partition, offset, 1, maxBytes)
      assert.equal(result.errorCode, 0)
      if (result.length === 0) return seen
      const bytes = this.world.engine.slice(result.log, result.segment, result)
      const waiting = [...result.aborted].sort((a, b) => a.firstOffset - b.firstOffset)
      const aborted = new Set<number>()
      for (let at = 0; at < bytes.length; at += header.batchSize(bytes, at)) {
        const producerId = header.producerId(bytes, at)
        while ((waiting[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= header.lastOffset(bytes, at)) {
          aborted.add((waiting.shift() as { producerId: number }).producerId)
        }
        if (header.isControl(bytes, at)) {
          const [record] = readBatch(bytes, at)
          if (record?.key?.readInt16BE(2) === 0) aborted.delete(producerId)
        } else if (!(header.isTransactional(bytes, at) && aborted.has(producerId))) {
          for (const record of readBatch(bytes, at)) if (record.offset >= from) seen.push(record.offset)
        }
        offset = header.lastOffset(bytes, at) + 1
      }
    }
  }
}

test('any interleaving reads as the model says, from every offset', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const run = await Run.start()
      for (const each of steps) await run.take(each)
      run.check()
      await run.take({ kind: 'power' })
      run.check()
    }),
    { numRuns: 150 },
  )
})
