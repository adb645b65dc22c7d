// Goal: an engine leaves nothing behind, several live side by side, and an idle one lets the process exit.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createEngine, defaultEngineOptions } from '../../src/native/binding.js'
import { EngineError, Inspection } from '../../src/native/engine.js'
import { checkLayout } from '../../src/native/layout.js'
import { Client, Door, pattern } from './door.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

async function threads(): Promise<number> {
  return (await readdir('/proc/self/task')).length
}

test('stop ends every thread, closes every socket, and may be called twice', async () => {
  const warm = await Door.open()
  await warm.engine.stop()
  const before = await threads()
  const door = await Door.open()
  const client = await Client.connect(door)
  client.write(pattern(10, 1))
  await client.read()
  assert.ok((await threads()) > before)
  await Promise.all([door.engine.stop(), door.engine.stop()])
  await client.end()
  assert.equal(await threads(), before)
  await assert.rejects(Client.connect(door))
  await assert.rejects(
    door.engine.flushLog(0),
    (error: unknown) => error instanceof EngineError && error.code === 'ECANCELED',
  )
  door.engine.close(0)
  door.engine.flush()
})

test('two engines in one process do not mix', async () => {
  const doors = await Promise.all([Door.open(), Door.open()])
  for (const [i, door] of doors.entries()) {
    const client = await Client.connect(door)
    client.write(pattern(100, i))
    assert.ok((await client.read()).equals(pattern(100, i)))
    client.destroy()
  }
  assert.deepEqual(
    doors.map((door) => door.frames),
    [1, 1],
  )
  await Promise.all(doors.map((door) => door.engine.stop()))
})

/** Runs a script in a process of its own; it must end by itself. */
function run(script: string): string {
  const prelude =
    "import { createEngine, defaultEngineOptions } from './src/native/binding.ts'\n" +
    'const nothing = () => {}\n' +
    'const events = { accepted: nothing, frame: nothing, closed: nothing, appended: nothing, rolled: nothing, indexRebuilt: nothing,' +
    ' logFailed: nothing, ticketFailed: nothing, ticketDone: nothing, drained: nothing }\n'
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', prelude + script],
    { cwd: root, encoding: 'utf8', timeout: 60_000 },
  )
  assert.equal(child.status, 0, child.stderr)
  return child.stdout.trim()
}

test('an idle engine lets the process exit', () => {
  const script = `createEngine(defaultEngineOptions()).start(events)
    console.log('idle')`
  assert.equal(run(script), 'idle')
})

test('an engine that listens keeps the process until it is stopped', () => {
  const script = `const engine = createEngine(defaultEngineOptions())
    engine.start(events)
    const { listener } = await engine.listen({ host: '127.0.0.1', port: 0, backlog: 1 })
    await engine.closeListener(listener)
    console.log('closed')`
  assert.equal(run(script), 'closed')
})

test('a worker that is terminated takes its engine with it', async () => {
  const before = await threads()
  // Plain addon calls: loaders of the test runner do not reach into workers.
  const script = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { EngineHandle } = require(workerData.addon)
    const engine = new EngineHandle(workerData.options, () => {})
    engine.start()
    engine.keepAlive(true)
    parentPort.postMessage(engine.listen(1, '127.0.0.1', 0, 16))`
  const workerData = {
    addon: fileURLToPath(new URL('../../build/Release/millrace.node', import.meta.url)),
    options: defaultEngineOptions(),
  }
  const worker = new Worker(script, { eval: true, workerData })
  const [port] = (await once(worker, 'message')) as [number]
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  assert.ok((await threads()) > before)
  const closed = once(socket.resume(), 'close')
  await worker.terminate()
  await closed
  assert.equal(await threads(), before)
})

test('layouts that differ are refused by the name of the field', () => {
  assert.throws(() => checkLayout({ eventBytes: 64 }), /eventBytes is 64, expected 32/)
})

test('options the addon could not work with are refused by name', () => {
  assert.throws(() => createEngine({ ...defaultEngineOptions(), networkThreads: -1 }), /networkThreads/)
  assert.throws(() => createEngine({ ...defaultEngineOptions(), frameBytesMax: 2 ** 31 }), /frameBytesMax/)
})

test('inspect tells what is wrong with a batch', async () => {
  const engine = createEngine(defaultEngineOptions())
  const batch = Buffer.from(
    '0000000000000000000000450000000002d7bd8f470000000000010000018bcfe568000000018bcfe56805' +
      'ffffffffffffffffffffffffffff0000000218000000026b027602026802780c000a02010100',
    'hex',
  )
  const inspect = (bytes: Buffer) => {
    engine.slab.set(bytes, 0)
    return engine.inspect(0, bytes.length)
  }
  assert.equal(inspect(batch), Inspection.Valid)
  assert.equal(inspect(batch.subarray(0, 80)), Inspection.Truncated)
  assert.equal(inspect(Buffer.concat([batch, batch])), Inspection.TrailingBytes)
  const damaged = Buffer.from(batch)
  damaged[70] = 1
  assert.equal(inspect(damaged), Inspection.BadCrc)
  damaged[16] = 1
  assert.equal(inspect(damaged), Inspection.BadMagic)
  assert.throws(() => engine.inspect(engine.slab.length, 1), RangeError)
  await engine.stop()
})
