// Goal: after any writes, transactions and rounds of compaction, over restarts, a compacted partition holds what it must
// and nothing that it must not, every record at the offset it was given.
// Method: producers draw keys, deletions, codecs and the ends of transactions; the model judges every record.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import * as codec from '../../src/codec/codec.js'
import { replaceRecords } from '../../src/log/restamp.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as header from '../../src/protocol/records/batch-header.js'
import { readBatch } from '../../src/protocol/records/batch-reader.js'
import * as calls from '../support/calls.js'
import { CompactionModel, type Found, type ModelRecord } from '../support/compaction-model.js'
import { type Producer, produceBatch, type TransactionClient } from '../support/transaction-client.js'
import { fetchBytes, newTopic } from './fixture.js'
import { Peer, transactionClient } from './peer.js'

const TOPIC = 'compacted'
const KEYS = 8
const CODECS = 5
const STEPS = 80

// MILLRACE_SEED=number plays another one.
const SEEDS = process.env.MILLRACE_SEED ? [Number(process.env.MILLRACE_SEED)] : [1, 2, 3]

const OVERRIDES = {
  'log.cleaner.backoff.ms': 100,
  'log.cleaner.min.cleanable.ratio': 0,
  'log.cleaner.threads': 2,
  'log.cleaner.dedupe.buffer.size': 2_097_152,
}

interface Writer {
  readonly name: string
  readonly transactional: boolean
  client: TransactionClient
  producer: Producer
  sequence: number
  transaction: ModelRecord['transaction']
}

class Run {
  private readonly model = new CompactionModel()
  private readonly writers: Writer[] = []
  private values = 0

  private constructor(
    private readonly random: SeededRandom,
    private readonly dataDir: string,
    private peer: Peer,
    private readonly passing: boolean,
  ) {}

  static async play(seed: number): Promise<void> {
    const dataDir = await mkdtemp(`${tmpdir()}/millrace-compaction-`)
    const random = new SeededRandom(seed)
    const peer = await Peer.start({ dataDir, overrides: OVERRIDES })
    const passing = random.int(2) === 0
    const run = new Run(random, dataDir, peer, passing)
    try {
      const policy = { 'cleanup.policy': 'compact', 'delete.retention.ms': passing ? '0' : '3600000' }
      const topics = [newTopic(TOPIC, 1, { ...policy, 'internal.segment.bytes': '900' })]
      assert.equal((await peer.client.call(calls.createTopics, 7, { topics })).topics[0]?.errorCode, 0)
      for (const name of ['a', 'b']) await run.join(name, true)
      await run.join('c', false)
      for (let step = 0; step < STEPS; step++) await run.step()
      for (const writer of run.writers) await run.end(writer, true)
      await run.cleaned()
      await run.look()
      await run.restart()
      await run.look()
    } finally {
      for (const { client } of run.writers) client.close()
      await run.peer.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  }

  private async join(name: string, transactional: boolean): Promise<void> {
    const client = await transactionClient(this.peer, name)
    const { producerId, producerEpoch } = await again(() => client.init())
    const producer = { producerId, producerEpoch }
    this.writers.push({ name, transactional, client, producer, sequence: 0, transaction: null })
  }

  private async step(): Promise<void> {
    const draw = this.random.int(40)
    const writer = this.writers[this.random.int(this.writers.length)] as Writer
    if (draw < 26) return this.write(writer)
    if (draw < 33) return this.end(writer, this.random.int(3) > 0)
    if (draw < 36) return this.look()
    if (draw < 39) return this.cleaned()
    return this.restart()
  }

  private async write(writer: Writer): Promise<void> {
    const { producer, sequence, client, name, transactional } = writer
    const records = Array.from({ length: 1 + this.random.int(5) }, () => ({
      key: `k${this.random.int(KEYS)}`,
      value: this.random.int(6) === 0 ? null : `v${this.values++}`,
    }))
    const batch = await this.encoded(records, { ...producer, baseSequence: sequence, transactional })
    const to = { topic: TOPIC, version: 12, transactionalId: transactional ? name : null }
    const { errorCode, baseOffset } = await again(() => produceBatch(client.client, batch, to))
    assert.equal(errorCode, ErrorCode.NONE)
    writer.sequence += records.length
    if (transactional) writer.transaction ??= { state: 'open' }
    for (const [index, record] of records.entries()) {
      this.model.add({ ...record, offset: baseOffset + index, transaction: writer.transaction })
    }
  }

  private async encoded(
    records: readonly { key: string; value: string | null }[],
    producer: Producer & { baseSequence: number; transactional: boolean },
  ): Promise<Buffer> {
    const timestamp = Date.now()
    const inputs = records.map(({ key, value }) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestamp,
    }))
    const plain = buildBatch(inputs, producer)
    const codecId = this.random.int(CODECS)
    if (codecId === 0) return plain
    return replaceRecords(
      plain,
      await codec.compress(codecId, plain.subarray(header.BATCH_HEADER_SIZE)),
      codecId,
    )
  }

  private async end(writer: Writer, commit: boolean): Promise<void> {
    if (writer.transaction === null) return
    const { client, producer } = writer
    const reply = await again(() => client.end(producer, commit))
    writer.transaction.state = commit ? 'commit' : 'abort'
    writer.transaction = null
    writer.producer = { producerId: reply.producerId, producerEpoch: reply.producerEpoch }
    writer.sequence = 0
  }

  private async restart(): Promise<void> {
    for (const { client } of this.writers) client.close()
    await this.peer.stop()
    this.peer = await Peer.start({ dataDir: this.dataDir, overrides: OVERRIDES })
    for (const writer of this.writers) writer.client = await transactionClient(this.peer, writer.name)
  }

  private async look(): Promise<void> {
    const cleanOffset = await this.cleanOffset()
    const found = await this.read()
    const cleanOffsetMax = await this.cleanOffsetMax()
    assert.ok(cleanOffset <= cleanOffsetMax, `clean up to ${cleanOffset}, allowed is ${cleanOffsetMax}`)
    const fault = this.model.fault(found, { cleanOffset, cleanOffsetMax, passing: this.passing })
    assert.equal(fault, null)
  }

  /** Every record, also of open and aborted transactions. */
  private async read(): Promise<Found[]> {
    const found: Found[] = []
    for (let offset = 0; ; ) {
      const { bytes, errorCode } = await fetchBytes(this.peer.client, TOPIC, { offset })
      assert.equal(errorCode, ErrorCode.NONE)
      let next = offset
      for (let at = 0; ; ) {
        const end = header.batchEnd(bytes, at, bytes.length)
        if (end < 0) break
        next = header.lastOffset(bytes, at) + 1
        for (const record of await recordsAt(bytes, at, end)) if (record.offset >= offset) found.push(record)
        at = end
      }
      if (next === offset) return found
      offset = next
    }
  }

  /** Rounds have come as far as they may. */
  private async cleaned(): Promise<void> {
    for (const deadline = Date.now() + 60_000; ; ) {
      const [clean, max] = [await this.cleanOffset(), await this.cleanOffsetMax()]
      if (max === 0 || clean === max) return
      assert.ok(Date.now() < deadline, `clean up to ${clean} and no further, ${max} was due`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  private async cleanOffset(): Promise<number> {
    const text = await readFile(`${this.dataDir}/cleaner-offset-checkpoint`, 'utf8').catch(() => '')
    const line = text.split('\n').find((each) => each.startsWith(`${TOPIC} 0 `))
    return line === undefined ? 0 : Number(line.split(' ')[2])
  }

  /** The beginning of the segment that holds the last stable offset: what is in it stays as it is. */
  private async cleanOffsetMax(): Promise<number> {
    const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp: -1 }] }]
    const request = { replicaId: -1, isolationLevel: 1, topics }
    const answer = await this.peer.client.call(calls.listOffsets, 6, request)
    const stable = answer.topics[0]?.partitions[0]?.offset ?? -1
    const names = await readdir(`${this.dataDir}/${TOPIC}-0`)
    const bases = names.filter((name) => name.endsWith('.log')).map((name) => Number(name.slice(0, 20)))
    return Math.max(0, ...bases.filter((base) => base <= stable))
  }
}

async function recordsAt(bytes: Buffer, at: number, end: number): Promise<Found[]> {
  if (header.isControl(bytes, at)) return []
  const codecId = header.codecId(bytes, at)
  const stored = bytes.subarray(at + header.BATCH_HEADER_SIZE, end)
  const plain = codecId === 0 ? stored : await codec.decompress(codecId, stored, 1 << 20)
  return [...readBatch(bytes, at, plain)].map(({ offset, key, value }) => {
    return { offset, key: String(key), value: value === null ? null : String(value) }
  })
}

/** While a transaction is being ended, its producer has to wait. */
async function again<Reply extends { readonly errorCode: number }>(
  ask: () => Promise<Reply>,
): Promise<Reply> {
  for (;;) {
    const reply = await ask()
    if (reply.errorCode === ErrorCode.CONCURRENT_TRANSACTIONS) continue
    assert.equal(reply.errorCode, ErrorCode.NONE)
    return reply
  }
}

for (const seed of SEEDS) {
  test(`a compacted partition holds what it must, seed ${seed}`, { timeout: 240_000 }, () => Run.play(seed))
}
