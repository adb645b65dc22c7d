// Goal: whatever has become of a log meanwhile, a fetch of committed records from any offset, cut anywhere, agrees with
// a model that keeps every record with its transaction: through deleted records, retention, compaction, clean stops
// and kills. Method: random histories from fixed seeds on real files; each look asks from every offset with several
// limits. The list of aborted transactions is judged by what it hides and by whom it accuses.

import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { again, initialised } from '../proxy/stage.js'
import * as calls from '../support/calls.js'
import { CommittedModel, type ModelTransaction } from '../support/committed-model.js'
import { fetchCommitted, readCommitted, untilEnded } from '../support/committed-reader.js'
import { type Producer, produceBatch, TransactionClient } from '../support/transaction-client.js'
import { newTopic } from './fixture.js'
import { Peer, transactionClient } from './peer.js'

const TOPIC = 'read'
const KEYS = 6
const LIMITS = [1, 200, 700, 1 << 20]
const FETCHES_AT_ONCE = 64

// MILLRACE_SEED=number plays another one.
const SEEDS = process.env.MILLRACE_SEED ? [Number(process.env.MILLRACE_SEED)] : [1, 2]

const OVERRIDES = {
  'log.retention.check.interval.ms': 40,
  'log.cleaner.backoff.ms': 40,
  'log.cleaner.min.cleanable.ratio': 0.01,
  'log.cleaner.dedupe.buffer.size': 1_048_576,
}

interface Writer {
  readonly name: string
  client: TransactionClient
  producer: Producer
  sequence: number
  transaction: ModelTransaction | null
}

class Run {
  private readonly model = new CommittedModel()
  private readonly writers: Writer[] = []
  private texts = 0

  private constructor(
    private readonly random: SeededRandom,
    private dataDir: string,
    private peer: Peer,
    private readonly compacted: boolean,
  ) {}

  static async play(seed: number, policy: 'delete' | 'compact', steps: number): Promise<void> {
    const root = await mkdtemp(`${tmpdir()}/millrace-read-`)
    const dataDir = `${root}/0`
    const peer = await Peer.start({ dataDir, overrides: OVERRIDES })
    const run = new Run(new SeededRandom(seed), dataDir, peer, policy === 'compact')
    try {
      const size = policy === 'delete' ? { 'retention.bytes': '3000' } : {}
      const settings = { 'cleanup.policy': policy, 'internal.segment.bytes': '700', 'retention.ms': '-1' }
      const topics = [newTopic(TOPIC, 1, { ...settings, ...size })]
      assert.equal((await peer.client.call(calls.createTopics, 7, { topics })).topics[0]?.errorCode, 0)
      for (const name of ['a', 'b', 'c']) await run.join(name)
      for (let step = 0; step < steps; step++) await run.step()
      await run.shrunk()
      await run.look()
      await run.restart('kill')
      await run.look()
    } finally {
      for (const { client } of run.writers) client.close()
      await run.peer.stop()
      await rm(root, { recursive: true, force: true })
    }
  }

  private async join(name: string): Promise<void> {
    const client = await transactionClient(this.peer, name)
    const producer = await initialised(client)
    this.writers.push({ name, client, producer, sequence: 0, transaction: null })
  }

  private async step(): Promise<void> {
    const draw = this.random.int(40)
    const writer = this.writers[this.random.int(this.writers.length)] as Writer
    if (draw < 20) return this.write(writer)
    if (draw < 24) return this.plain()
    if (draw < 34) return this.end(writer, this.random.int(2) === 0)
    if (draw < 36) return this.deleteRecords()
    if (draw < 37) return this.restart(this.random.int(2) === 0 ? 'stop' : 'kill')
    return this.look()
  }

  private async write(writer: Writer): Promise<void> {
    const { producer, sequence, client, name } = writer
    const records = this.drawn()
    const batch = buildBatch(records, { ...producer, baseSequence: sequence, transactional: true })
    const to = { topic: TOPIC, version: 12, transactionalId: name }
    const { errorCode, baseOffset } = await again(() => produceBatch(client.client, batch, to))
    assert.equal(errorCode, ErrorCode.NONE)
    writer.sequence += records.length
    const { producerId } = producer
    const lastOffset = baseOffset + records.length - 1
    const transaction = writer.transaction ?? {
      producerId,
      firstOffset: baseOffset,
      lastOffset,
      state: 'open',
    }
    transaction.lastOffset = lastOffset
    writer.transaction = transaction
    this.stored(records, baseOffset, transaction)
  }

  private async plain(): Promise<void> {
    const records = this.drawn()
    const answer = await produceBatch(this.peer.client, buildBatch(records), { topic: TOPIC })
    assert.equal(answer.errorCode, ErrorCode.NONE)
    this.stored(records, answer.baseOffset, null)
  }

  /** Somebody waits at what is stable so far: the marker wakes him, and what he gets has to be whole, too. */
  private async end(writer: Writer, commit: boolean): Promise<void> {
    const { transaction } = writer
    if (transaction === null) return
    const { stable, high } = await this.offsets()
    const reader = await TransactionClient.open(this.peer.bootstrap, 'new', 'reader')
    const waiting = fetchCommitted(reader.client, { topic: TOPIC, offset: stable, maxWaitMs: 10_000 })
    transaction.state = commit ? 'commit' : 'abort'
    const reply = await again(() => writer.client.end(writer.producer, commit))
    assert.equal(reply.errorCode, ErrorCode.NONE)
    writer.producer = { producerId: reply.producerId, producerEpoch: reply.producerEpoch }
    writer.sequence = 0
    writer.transaction = null
    await untilEnded(this.peer.client, writer.name)
    const moves = this.model.lastStableOffset({ high, start: 0 }) > stable
    if (!this.compacted && moves) this.judge(stable, await waiting.catch(gone))
    else waiting.catch(() => {})
    reader.close()
  }

  private async deleteRecords(): Promise<void> {
    const { start, high } = await this.offsets()
    const offset = start + this.random.int(Math.ceil((high - start) / 3) + 1)
    const partitions = [{ partitionIndex: 0, offset }]
    const topics = [{ name: TOPIC, partitions }]
    const answer = await this.peer.client.call(calls.deleteRecords, 2, { topics, timeoutMs: 5_000 })
    const code = answer.topics[0]?.partitions[0]?.errorCode
    // Retention may have passed it meanwhile; a topic that is compacted only takes no such request.
    const allowed: unknown[] = this.compacted
      ? [ErrorCode.POLICY_VIOLATION, ErrorCode.NONE]
      : [ErrorCode.NONE, ErrorCode.OFFSET_OUT_OF_RANGE]
    assert.ok(allowed.includes(code), `error ${code}`)
  }

  /** A kill is the directory as it is while the broker runs. */
  private async restart(kind: 'stop' | 'kill'): Promise<void> {
    for (const { client } of this.writers) client.close()
    if (kind === 'kill') {
      const copy = `${this.dataDir}k`
      await copied(this.dataDir, copy)
      this.dataDir = copy
    }
    await this.peer.stop()
    this.peer = await Peer.start({ dataDir: this.dataDir, overrides: OVERRIDES })
    for (const writer of this.writers) writer.client = await transactionClient(this.peer, writer.name)
  }

  private async look(): Promise<void> {
    const { start, high } = await this.offsets()
    const places = Array.from({ length: high - start + 1 }, (_, index) =>
      LIMITS.map((maxBytes) => ({ topic: TOPIC, offset: start + index, maxBytes })),
    ).flat()
    const outOfRange: number[] = []
    while (places.length > 0) {
      const asked = places.splice(0, FETCHES_AT_ONCE).map(async (place) => {
        const fetched = await fetchCommitted(this.peer.client, place).catch(gone)
        if (fetched !== null) this.judge(place.offset, fetched, place.maxBytes)
        else outOfRange.push(place.offset)
      })
      await Promise.all(asked)
    }
    const after = await this.offsets()
    assert.ok(Math.max(-1, ...outOfRange) < after.start, `${outOfRange} were out of range`)
  }

  /** The log has lost something by its policy, so that the looks were worth it. */
  private async shrunk(): Promise<void> {
    for (const deadline = Date.now() + 30_000; ; ) {
      const { start, stable } = await this.offsets()
      const { records } = await readCommitted(this.peer.client, { topic: TOPIC, from: start })
      if (this.compacted ? records.size < this.model.visible(stable).length : start > 0) return
      assert.ok(Date.now() < deadline, 'nothing was ever taken out')
    }
  }

  private judge(offset: number, fetched: Awaited<ReturnType<typeof fetchCommitted>> | null, maxBytes = 0) {
    if (fetched === null) return
    const fault = this.model.fault(offset, fetched, { compacted: this.compacted })
    assert.equal(fault, null, `from ${offset}, ${maxBytes} bytes at most`)
  }

  private async offsets() {
    const at = async (timestamp: number) => {
      const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp }] }]
      const request = (isolationLevel: number) => ({ replicaId: -1, isolationLevel, topics })
      const [high, stable] = await Promise.all([
        this.peer.client.call(calls.listOffsets, 6, request(0)),
        this.peer.client.call(calls.listOffsets, 6, request(1)),
      ])
      return [high, stable].map((answer) => answer.topics[0]?.partitions[0]?.offset ?? -1)
    }
    const [start = 0] = await at(-2)
    const [high = 0, stable = 0] = await at(-1)
    return { start, high, stable }
  }

  private drawn() {
    return Array.from({ length: 1 + this.random.int(3) }, () => ({
      key: Buffer.from(`k${this.random.int(KEYS)}`),
      value: Buffer.from(`v${this.texts++}`),
      timestamp: Date.now(),
    }))
  }

  private stored(
    records: readonly { key: Buffer; value: Buffer }[],
    baseOffset: number,
    transaction: ModelTransaction | null,
  ): void {
    for (const [index, { key, value }] of records.entries()) {
      this.model.add({ offset: baseOffset + index, key: `${key}`, text: `${value}`, transaction })
    }
  }
}

/** The log begins later by now. */
function gone(error: Error): null {
  if (!error.message.endsWith(`error ${ErrorCode.OFFSET_OUT_OF_RANGE}`)) throw error
  return null
}

/** Again when a file went away meanwhile. */
async function copied(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await cp(from, to, { recursive: true })
    } catch (error) {
      if (attempt === 20) throw error
      await rm(to, { recursive: true, force: true })
    }
  }
}

for (const policy of ['delete', 'compact'] as const) {
  for (const seed of SEEDS) test(`${policy}, seed ${seed}`, () => Run.play(seed, policy, 70))
}
