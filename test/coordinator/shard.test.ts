// The runtime with a state machine of three lines: a sum that survives. Order, batching, holding back, failure.

import assert from 'node:assert/strict'
import test from 'node:test'
import { FakeClock } from '../../src/base/clock.js'
import { nullLogger } from '../../src/base/logger.js'
import { TimingWheel } from '../../src/base/timing-wheel.js'
import { EventTimer } from '../../src/coordinator/event-timer.js'
import { CoordinatorRuntime } from '../../src/coordinator/runtime.js'
import type {
  Effects,
  EntryCodec,
  RecordCompression,
  StateMachine,
} from '../../src/coordinator/state-machine.js'
import { type Failable, Wait } from '../../src/coordinator/wait.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { codecId, recordCount } from '../../src/protocol/records/batch-header.js'
import { readBatch } from '../../src/protocol/records/batch-reader.js'
import { MemoryLog, settle } from './memory-log.js'

type Event =
  | { type: 'add'; amounts: number[]; wait: Wait<string> }
  | { type: 'park'; wait: Wait<string> }
  | { type: 'later'; delayMs: number }
  | { type: 'tick' }

class Sum implements StateMachine<Event, number> {
  total = 0
  ticks = 0
  readonly timer = new EventTimer<Event>({ type: 'tick' })
  readonly parked: Wait<string>[] = []

  handle(event: Event, effects: Effects<Event, number>): void {
    if (event.type === 'add') {
      for (const amount of event.amounts) effects.append(amount)
      effects.reply(event.wait, `${this.total}`)
    } else if (event.type === 'park') this.parked.push(event.wait)
    else if (event.type === 'later') effects.schedule(this.timer, event.delayMs)
    else this.ticks++
  }

  apply(amount: number): void {
    this.total += amount
  }

  applyMarker(): void {}
  loaded(): void {}

  timers(): EventTimer<Event>[] {
    return [this.timer]
  }

  takeWaits(): Failable[] {
    return this.parked.splice(0)
  }
}

const codec: EntryCodec<number> = {
  writeKey: (_amount, writer) => writer.raw(Buffer.from('k')),
  writeValue(amount, writer) {
    writer.raw(amount > 1e6 ? Buffer.alloc(amount) : Buffer.from(`${amount}`))
    return true
  },
  decode: (key, value) => (key.equals(Buffer.from('k')) && value !== null ? Number(value) : null),
}

function world(options: { compression?: RecordCompression; compressionId?: number; log?: MemoryLog } = {}) {
  const clock = new FakeClock()
  const timers = new TimingWheel({ clock })
  const log = options.log ?? new MemoryLog()
  const turns: (() => void)[] = []
  const defer = (run: () => void) => turns.push(run)
  const base = { topic: 't', createMachine: () => new Sum(), codec, clock, timers, logger: nullLogger, defer }
  const { log: _log, ...rest } = options
  const runtime = new CoordinatorRuntime<Sum, Event, number>({ ...base, ...rest })
  const replies: string[] = []
  const wait = () =>
    new Wait<string>(
      (reply) => replies.push(reply),
      (code) => `error ${code}`,
    )
  return {
    clock,
    timers,
    log,
    runtime,
    replies,
    wait,
    add: (...amounts: number[]) => {
      const waiting = wait()
      runtime.submit(0, { type: 'add', amounts, wait: waiting }, waiting)
    },
    park: () => {
      const waiting = wait()
      runtime.submit(0, { type: 'park', wait: waiting }, waiting)
    },
    read: () => runtime.query(0, ({ total }) => `read ${total}`, wait()),
    async endTurn() {
      for (const run of turns.splice(0)) run()
      await settle()
    },
    async pass(ms: number) {
      clock.advance(ms)
      timers.advance()
      await settle()
    },
  }
}

test('the records of one turn become one batch, replies leave when it is written', async () => {
  const { runtime, log, replies, add, read, endTurn } = world()
  await runtime.load(0, log)
  log.held = true
  add(1)
  add(2, 3)
  read()
  assert.deepEqual(replies, [])
  await endTurn()
  assert.equal(log.pending.length, 1)
  assert.equal(recordCount(log.pending[0]?.batch as Buffer, 0), 3)
  assert.deepEqual(replies, [])
  log.complete()
  await settle()
  assert.deepEqual(replies, ['1', '6', 'read 6'])
  read()
  assert.equal(replies.at(-1), 'read 6', 'nothing is under way: at once')
})

test('replies leave in the order of the log, whatever order appends complete in', async () => {
  const { runtime, log, replies, add, endTurn } = world()
  await runtime.load(0, log)
  log.held = true
  add(1)
  await endTurn()
  add(2)
  await endTurn()
  log.pending[1]?.settle()
  await settle()
  assert.deepEqual(replies, [])
  log.pending[0]?.settle()
  await settle()
  assert.deepEqual(replies, ['1', '3'])
})

test('a batch is closed before it grows too large', async () => {
  const { runtime, log, add, endTurn } = world()
  await runtime.load(0, log)
  add(1, 1_000_001, 1_000_001, 2)
  await endTurn()
  assert.deepEqual(
    log.batches.map((batch) => recordCount(batch, 0)),
    [2, 2],
  )
})

test('a lost append fails what was held and parked, and the state is loaded again', async () => {
  const { runtime, log, replies, add, park, pass, endTurn } = world()
  await runtime.load(0, log)
  add(1)
  await endTurn()
  park()
  log.held = true
  add(5)
  await endTurn()
  add(6)
  log.fail()
  await settle()
  assert.deepEqual(replies, ['1', 'error 16', 'error 16', 'error 16'])
  add(7)
  assert.equal(replies.at(-1), `error ${ErrorCode.COORDINATOR_LOAD_IN_PROGRESS}`)
  log.held = false
  await endTurn()
  await pass(1_000)
  add(10)
  await endTurn()
  assert.equal(replies.at(-1), '11', 'what was lost is not in the sum')
  assert.equal(log.recordTotal, 2)
})

test('a reply is not held back for ever: the append goes on without it', async () => {
  const { runtime, log, replies, add, read, pass, endTurn } = world()
  await runtime.load(0, log)
  log.held = true
  add(1)
  await endTurn()
  await pass(4_999)
  assert.deepEqual(replies, [])
  await pass(1)
  assert.deepEqual(replies, ['error 15'])
  read()
  assert.equal(replies.at(-1), 'error 15', 'what is not written is still told to nobody')
  log.complete()
  await settle()
  read()
  assert.deepEqual(replies, ['error 15', 'error 15', 'read 1'])
})

test('a log that refuses at once is no different', async () => {
  const { runtime, log, replies, add, pass, endTurn } = world()
  await runtime.load(0, log)
  log.append = () => {
    throw new Error('closed')
  }
  add(1)
  await endTurn()
  assert.deepEqual(replies, ['error 16'])
  await pass(1_000)
  assert.equal(runtime.shard(0)?.active, true)
})

test('loading is retried with growing pauses', async () => {
  const { runtime, log, add, replies, pass } = world()
  log.store(buildBatch([{ key: Buffer.from('k'), value: Buffer.from('4'), timestamp: 0 }]))
  log.readError = new Error('no such device')
  await runtime.load(0, log)
  add(1)
  assert.deepEqual(replies, ['error 14'])
  await pass(1_000)
  await pass(1_999)
  log.readError = null
  assert.equal(runtime.shard(0)?.active, false)
  await pass(1)
  assert.equal(runtime.shard(0)?.machine.total, 4)
})

test('a record that cannot be read keeps the shard from serving', async () => {
  const { runtime, log } = world()
  const broken = buildBatch([{ key: Buffer.from('k'), value: Buffer.from('4'), timestamp: 0 }])
  broken.writeInt32BE(9, 57)
  log.store(broken)
  await runtime.load(0, log)
  assert.equal(runtime.shard(0)?.active, false)
})

test('records of unknown types are passed over', async () => {
  const { runtime, log } = world()
  const record = (key: string | null) => ({
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from('4'),
    timestamp: 0,
  })
  log.store(buildBatch([record('k'), record('other'), record(null), record('k')]))
  await runtime.load(0, log)
  assert.equal(runtime.shard(0)?.machine.total, 8)
})

test('timers become events, and die with their state', async () => {
  const { runtime, log, pass, park, replies } = world()
  await runtime.load(0, log)
  runtime.submit(0, { type: 'later', delayMs: 100 }, { fail: (code) => assert.fail(`error ${code}`) })
  await pass(100)
  const machine = runtime.shard(0)?.machine
  assert.equal(machine?.ticks, 1)
  runtime.submit(0, { type: 'later', delayMs: 100 }, { fail: (code) => assert.fail(`error ${code}`) })
  park()
  runtime.unload(0)
  await pass(200)
  assert.equal(machine?.ticks, 1)
  assert.deepEqual(replies, ['error 16'])
})

test('a timer of a dropped state is no event of the next one', async () => {
  const { runtime, log, pass, add, endTurn } = world()
  await runtime.load(0, log)
  runtime.submit(0, { type: 'later', delayMs: 2_000 }, { fail: (code) => assert.fail(`error ${code}`) })
  log.held = true
  add(1)
  await endTurn()
  log.fail()
  await settle()
  await pass(1_000)
  assert.equal(runtime.shard(0)?.active, true)
  await pass(1_000)
  assert.equal(runtime.shard(0)?.machine.ticks, 0)
})

test('a shard that is not here is elsewhere', async () => {
  const { runtime, log, replies, add, read, endTurn } = world()
  add(1)
  read()
  assert.deepEqual(replies, ['error 16', 'error 16'])
  await runtime.load(0, log)
  log.held = true
  add(1)
  await endTurn()
  runtime.unload(0)
  log.complete()
  await settle()
  assert.deepEqual(replies.slice(2), ['error 16'], 'completed once')
  await assert.rejects(
    async () => {
      await runtime.load(1, log)
      await runtime.load(1, log)
    },
    { code: 'MILLRACE_ASSERTION' },
  )
})

test('past the limit of unwritten bytes requests are refused, until the log catches up', async () => {
  const { runtime, log, replies, add, endTurn } = world()
  await runtime.load(0, log)
  log.held = true
  for (let count = 0; count < 33; count++) add(1_048_000)
  await endTurn()
  add(1)
  assert.deepEqual(replies, ['error 14'])
  log.complete()
  await settle()
  log.held = false
  add(1)
  await endTurn()
  assert.equal(replies.length, 35)
  assert.doesNotMatch(replies.at(-1) as string, /error/)
})

const reversal: RecordCompression = {
  async compress(_codec, records) {
    // The first takes longest: order must not come from speed.
    for (let round = 0; round < 10 - records.length; round++) await Promise.resolve()
    return Buffer.from(records).reverse()
  },
  decompress: async (_codec, records) => Buffer.from(records).reverse(),
}

test('compressed batches keep their order and are read back', async () => {
  const { runtime, log, replies, add, endTurn } = world({ compression: reversal, compressionId: 1 })
  await runtime.load(0, log)
  add(1)
  await endTurn()
  add(20)
  add(30)
  await endTurn()
  await settle()
  assert.deepEqual(replies, ['1', '21', '51'])
  const [first, second] = log.batches as [Buffer, Buffer]
  assert.deepEqual([codecId(first, 0), codecId(second, 0), recordCount(second, 0)], [1, 1, 2])
  const plain = await reversal.decompress(1, second.subarray(61))
  assert.deepEqual(
    [...readBatch(second, 0, plain)].map(({ value }) => `${value}`),
    ['20', '30'],
  )
  const again = world({ compression: reversal, compressionId: 1, log })
  await again.runtime.load(0, log)
  assert.equal(again.runtime.shard(0)?.machine.total, 51)
})

test('a compression that fails is a lost append', async () => {
  const failing: RecordCompression = { ...reversal, compress: () => Promise.reject(new Error('no memory')) }
  const { runtime, log, replies, add, endTurn } = world({ compression: failing, compressionId: 1 })
  await runtime.load(0, log)
  add(1)
  await endTurn()
  assert.deepEqual(replies, ['error 16'])
})

test('a wait completes once', () => {
  const replies: string[] = []
  const wait = new Wait<string>(
    (reply) => replies.push(reply),
    (code) => `error ${code}`,
  )
  assert.equal(wait.settled, false)
  wait.fail(15)
  assert.equal(wait.settled, true)
  assert.throws(() => wait.complete('again'), { code: 'MILLRACE_ASSERTION' })
  assert.deepEqual(replies, ['error 15'])
})
