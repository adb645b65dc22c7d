// Goal: replies leave in frame order, with the slices they name, at once or when their appends are written.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { FrameVerdict, LookupStatus, type SliceList } from '../../src/native/engine.js'
import { Client, Door, type Frame, pattern, withDirectory } from './door.js'

// Two records at timestamps 1700000000000 and …005, a whole batch with its sum.
const BATCH = Buffer.from(
  '0000000000000000000000450000000002d7bd8f470000000000010000018bcfe568000000018bcfe56805' +
    'ffffffffffffffffffffffffffff0000000218000000026b027602026802780c000a02010100',
  'hex',
)

function sliceList(
  slices: [at: number, log: number, segment: number, position: number, length: number][],
): SliceList {
  return {
    count: slices.length,
    at: Int32Array.from(slices, (slice) => slice[0]),
    log: Int32Array.from(slices, (slice) => slice[1]),
    segment: Float64Array.from(slices, (slice) => slice[2]),
    position: Float64Array.from(slices, (slice) => slice[3]),
    length: Int32Array.from(slices, (slice) => slice[4]),
  }
}

/** Appends `count` copies of the batch and waits until they are written. */
async function fill(door: Door, log: number, count: number): Promise<Buffer> {
  const stored: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const batch = Buffer.from(BATCH)
    batch.writeBigInt64BE(BigInt(i * 2), 0)
    stored.push(batch)
    const options = { baseOffset: i * 2, endOffset: i * 2 + 2, maxTimestamp: 1, recordCount: 2, ticket: 1 }
    door.engine.appendBytes(log, batch, options)
  }
  door.engine.awaitAppends(1, count)
  await door.until(() => door.ticketsDone.includes(1))
  return Buffer.concat(stored)
}

/** A Produce v3 request for one partition. */
function produce(records: Buffer): { body: Buffer; recordsAt: number } {
  const head = Buffer.from(
    '0000000300000001ffff' + // key 0, version 3, correlation 1, no client id
      'ffff0001000003e8' + // no transactional id, acks 1, timeout
      '00000001000174000000010000000000000000',
    'hex',
  )
  head.writeInt32BE(records.length, head.length - 4)
  return { body: Buffer.concat([head, records]), recordsAt: head.length }
}

test('replies given in any order leave in frame order; skipped frames leave nothing', async () => {
  const door = await Door.open()
  const held: Frame[] = []
  door.onFrame = (frame) => held.push(frame)
  const client = await Client.connect(door)
  const bodies = Array.from({ length: 40 }, (_, i) => pattern(20 + i, i))
  client.write(...bodies)
  await door.until(() => held.length === 40)
  const order = held.map((_, i) => (i * 17) % 40)
  for (const i of order) {
    const frame = held[i] as Frame
    if (i % 5 === 0) door.engine.skip(frame.connection, frame.sequence)
    else door.echo(frame)
  }
  for (const [i, body] of bodies.entries()) {
    if (i % 5 !== 0) assert.ok((await client.read()).equals(body), `frame ${i}`)
  }
  client.destroy()
  await door.engine.stop()
})

test('a reader beyond the frames in flight waits for answers', async () => {
  const door = await Door.open({ connectionFramesMax: 4 })
  const held: Frame[] = []
  door.onFrame = (frame) => held.push(frame)
  const client = await Client.connect(door)
  client.write(...Array.from({ length: 10 }, (_, i) => pattern(10, i)))
  await door.until(() => held.length === 4)
  for (let answered = 0; answered < 10; answered++) {
    await door.until(() => held.length > answered)
    assert.ok(held.length <= answered + 4)
    door.echo(held[answered] as Frame)
    await client.read()
  }
  client.destroy()
  await door.engine.stop()
})

test('slices of a log are sent between the bytes of the reply', async () => {
  await withDirectory(async (directory) => {
    const door = await Door.open()
    const { log } = await door.openLog(join(directory, 'topic-0'))
    const stored = await fill(door, log, 5000)
    const query = {
      log,
      offset: 0,
      maxOffset: 10_000,
      maxBytes: 1 << 20,
      atLeastOneBatch: true,
      segment: 0,
      position: 0,
      length: 0,
      endOffset: 0,
    }
    assert.equal(door.engine.lookup(query), LookupStatus.Found)
    const small = BATCH.length * 3
    const large = BATCH.length * 4000
    assert.ok(query.length >= large)
    door.onFrame = (frame) => {
      const { engine } = door
      const start = engine.outboxStart()
      const end = engine.outbox.write('....headtail', start) + start
      engine.outbox.writeInt32BE(8 + small + large + small, start)
      const slices = sliceList([
        [4, log, 0, 0, small],
        [8, log, 0, BATCH.length, large],
        [12, log, 0, 0, small],
      ])
      engine.send(frame.connection, frame.sequence, start, end, slices)
      engine.release(frame.frame)
    }
    const client = await Client.connect(door)
    const expected = Buffer.concat([
      stored.subarray(0, small),
      Buffer.from('head'),
      stored.subarray(BATCH.length, BATCH.length + large),
      Buffer.from('tail'),
      stored.subarray(0, small),
    ])
    client.write(...Array.from({ length: 20 }, () => pattern(10, 0)))
    for (let i = 0; i < 20; i++) assert.ok((await client.read()).equals(expected))
    client.destroy()
    await door.engine.stop()
  })
})

test('a slice of a segment that is gone closes the connection', async () => {
  const door = await Door.open()
  door.onFrame = (frame) => {
    const start = door.engine.outboxStart()
    door.engine.outbox.writeInt32BE(100, start)
    door.engine.send(frame.connection, frame.sequence, start, start + 4, sliceList([[4, 12_345, 0, 0, 100]]))
  }
  const client = await Client.connect(door)
  client.write(pattern(10, 0))
  await client.end()
  await door.engine.stop()
})

test('a produced frame is appended in place and its attached reply leaves when it is written', async () => {
  await withDirectory(async (directory) => {
    const door = await Door.open()
    const { log } = await door.openLog(join(directory, 'topic-0'))
    const { body, recordsAt } = produce(BATCH)
    let endOffset = 0
    door.onFrame = (frame) => {
      const { engine } = door
      assert.equal(frame.verdict, FrameVerdict.Verified)
      const position = frame.position + recordsAt
      engine.slab.writeBigInt64BE(BigInt(endOffset), position)
      engine.append(log, frame.frame, position, BATCH.length, endOffset, endOffset + 2, 1, 2, frame.sequence)
      endOffset += 2
      engine.release(frame.frame)
      const start = engine.outboxStart()
      engine.outbox.writeInt32BE(8, start)
      engine.outbox.writeInt32BE(endOffset, start + 4)
      engine.outbox.writeInt32BE(frame.sequence, start + 8)
      engine.sendAfterAppends(frame.connection, frame.sequence, start, start + 12, frame.sequence, 1)
    }
    const client = await Client.connect(door)
    client.write(...Array.from({ length: 500 }, () => body))
    for (let i = 0; i < 500; i++) {
      const reply = await client.read()
      assert.deepEqual([reply.readInt32BE(0), reply.readInt32BE(4)], [i * 2 + 2, i])
    }
    await door.until(() => door.appended.get(log) === 1000)
    const read = await door.engine.readBytes(log, 0, 1000, 1 << 20)
    assert.equal(read.length, 500 * BATCH.length)
    for (let i = 0; i < 500; i++) assert.equal(read.readBigInt64BE(i * BATCH.length), BigInt(i * 2))
    client.destroy()
    await door.engine.stop()
  })
})

test('appends that cannot be written fail their ticket and send no reply', async () => {
  const door = await Door.open()
  door.onFrame = (frame) => {
    const { engine } = door
    engine.append(777, frame.frame, frame.position, 8, 0, 1, 1, 1, 42)
    const start = engine.outboxStart()
    engine.outbox.writeInt32BE(0, start)
    engine.sendAfterAppends(frame.connection, frame.sequence, start, start + 4, 42, 1)
    void door.until(() => door.ticketsFailed.includes(42)).then(() => door.echo(frame))
  }
  const client = await Client.connect(door)
  client.write(pattern(10, 0))
  assert.equal((await client.read()).length, 10)
  assert.deepEqual(door.ticketsFailed, [42])
  client.destroy()
  await door.engine.stop()
})

test('bytes larger than the shared areas are sent and appended all the same', async () => {
  await withDirectory(async (directory) => {
    const door = await Door.open()
    const { log } = await door.openLog(join(directory, 'topic-0'))
    const many = Buffer.concat(Array.from({ length: 20_000 }, () => BATCH))
    for (let i = 0; i < 20_000; i++) many.writeBigInt64BE(BigInt(i * 2), i * BATCH.length)
    const options = { baseOffset: 0, endOffset: 40_000, maxTimestamp: 1, recordCount: 40_000, ticket: 5 }
    door.engine.appendBytes(log, many, options)
    door.engine.awaitAppends(5, 1)
    await door.until(() => door.ticketsDone.includes(5))
    assert.ok((await door.engine.readBytes(log, 0, 40_000, many.length)).equals(many))
    const large = pattern(5_000_000, 9)
    door.onFrame = (frame) => door.reply(frame, large)
    const client = await Client.connect(door)
    client.write(pattern(10, 0))
    assert.ok((await client.read()).equals(large))
    client.destroy()
    await door.engine.stop()
  })
})
