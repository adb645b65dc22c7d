// Goal: frames of every size cross the door whole, and connections end for the reasons they should.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CloseReason, EngineError, FrameVerdict } from '../../src/native/engine.js'
import { Client, Door, type Frame, pattern } from './door.js'

test('frames of many sizes are echoed whole', async () => {
  const door = await Door.open()
  const client = await Client.connect(door)
  const sizes = [8, 9, 100, 4092, 16_384, 65_536, 262_140, 262_144, 1_000_000, 1 << 20, 20_000_000, 8]
  for (const [i, size] of sizes.entries()) {
    const body = pattern(size, i)
    client.write(body)
    assert.ok((await client.read()).equals(body), `${size} bytes`)
  }
  client.destroy()
  await door.until(() => door.closed.size === 1)
  assert.deepEqual([...door.closed.values()], [CloseReason.Peer])
  await door.engine.stop()
})

test('many connections with pipelined requests get their own answers', async () => {
  const door = await Door.open()
  const clients = await Promise.all(Array.from({ length: 20 }, () => Client.connect(door)))
  await Promise.all(
    clients.map(async (client, seed) => {
      const bodies = Array.from({ length: 300 }, (_, i) =>
        pattern(8 + ((i * 37 + seed) % 900), seed * 1000 + i),
      )
      client.write(...bodies)
      for (const body of bodies) assert.ok((await client.read()).equals(body))
    }),
  )
  assert.equal(door.frames, 6000)
  for (const client of clients) client.destroy()
  await door.engine.stop()
})

test('accepted names both ends', async () => {
  const door = await Door.open()
  const client = await Client.connect(door)
  await door.until(() => door.peers.size === 1)
  assert.deepEqual(
    [...door.peers.values()],
    [
      {
        address: '127.0.0.1',
        port: client.socket.localPort,
        localAddress: '127.0.0.1',
        localPort: door.port,
      },
    ],
  )
  client.destroy()
  await door.engine.stop()
})

test('a frame outside the limits closes after the replies before it', async () => {
  for (const size of [-1, 0, 7, 1001, 0x7fff_ffff]) {
    const door = await Door.open({ frameBytesMax: 1000 })
    const held: Frame[] = []
    door.onFrame = (frame) => held.push(frame)
    const client = await Client.connect(door)
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(size)
    client.write(pattern(20, 1), pattern(1000, 2))
    client.socket.write(prefix)
    await door.until(() => held.length === 2)
    for (const frame of held) door.echo(frame)
    assert.equal((await client.read()).length, 20)
    assert.equal((await client.read()).length, 1000)
    await client.end()
    await door.until(() => door.closed.size === 1)
    assert.deepEqual([...door.closed.values()], [CloseReason.BadFrameSize])
    await door.engine.stop()
  }
})

test('close ends the connection after the replies given, and only then', async () => {
  const door = await Door.open()
  door.onFrame = (frame) => {
    door.echo(frame)
    door.engine.close(frame.connection)
  }
  const client = await Client.connect(door)
  const body = pattern(3_000_000, 3)
  client.write(body)
  assert.ok((await client.read()).equals(body))
  await client.end()
  await door.until(() => door.closed.size === 1)
  assert.deepEqual([...door.closed.values()], [CloseReason.Requested])
  await door.engine.stop()
})

test('a paused connection is not read until it is resumed', async () => {
  const door = await Door.open()
  const client = await Client.connect(door)
  await door.until(() => door.peers.size === 1)
  const [connection] = [...door.peers.keys()] as [number]
  door.engine.pause(connection)
  door.engine.flush()
  // Another connection's whole exchange shows that the reactors had turns in between.
  client.write(pattern(10, 1))
  for (let i = 0; i < 4; i++) {
    const other = await Client.connect(door)
    other.write(pattern(9, 2))
    await other.read()
    other.destroy()
  }
  const before = door.frames
  door.engine.resume(connection)
  assert.equal((await client.read()).length, 10)
  assert.equal(before, 4)
  client.destroy()
  await door.engine.stop()
})

test('a full connection table refuses the next client', async () => {
  const door = await Door.open({ connectionsMax: 1 })
  const first = await Client.connect(door)
  await door.until(() => door.peers.size === 1)
  const second = await Client.connect(door)
  await second.end()
  first.write(pattern(10, 1))
  await first.read()
  first.destroy()
  await door.until(() => door.closed.size === 1)
  const third = await Client.connect(door)
  third.write(pattern(10, 1))
  await third.read()
  third.destroy()
  await door.engine.stop()
})

test('a port in use and a bad address are engine errors', async () => {
  const door = await Door.open()
  await assert.rejects(
    door.engine.listen({ host: '127.0.0.1', port: door.port, backlog: 1 }),
    (error: unknown) =>
      error instanceof EngineError && error.code === 'EADDRINUSE' && error.operation === 'bind',
  )
  await door.engine.stop()
})

test('a closed listener accepts no more, open connections stay', async () => {
  const door = await Door.open()
  const client = await Client.connect(door)
  // Connected is not yet accepted: the kernel resets what a closing listener still holds in its backlog.
  await door.until(() => door.peers.size === 1)
  await door.engine.closeListener(door.listener)
  await assert.rejects(Client.connect(door))
  client.write(pattern(10, 1))
  assert.equal((await client.read()).length, 10)
  client.destroy()
  await door.engine.stop()
})

test('a damaged Produce request is reported as failed, other requests are not checked', async () => {
  const door = await Door.open()
  const verdicts: number[] = []
  door.onFrame = (frame) => {
    verdicts.push(frame.verdict)
    door.echo(frame)
  }
  const client = await Client.connect(door)
  const produce = Buffer.alloc(40)
  produce.writeInt16BE(9, 2)
  client.write(produce, pattern(40, 1))
  await client.read()
  await client.read()
  assert.deepEqual(verdicts, [FrameVerdict.Failed, FrameVerdict.Unchecked])
  client.destroy()
  await door.engine.stop()
})
