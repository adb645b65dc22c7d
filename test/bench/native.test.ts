// Goal: the load generator and `ideal` agree on every mode, the generator drives Millrace, and it reports what a
// broker does wrongly instead of measuring it.
// Method: the built programs with tiny counts. They are no part of the package: without `make -C bench/native`
// the tests are skipped.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { awaitTopic, evict, runLoad } from '../../bench/compare/native-tools.js'
import { NATIVE } from '../../bench/compare/places.js'
import { type RunningBroker, startBroker } from '../../src/index.js'
import { batchOf } from '../support/records.js'

const built = existsSync(join(NATIVE, 'load')) && existsSync(join(NATIVE, 'ideal'))
const skip = built ? false : 'not built; run: make -C bench/native'

let ideal: ChildProcess
let millrace: RunningBroker
let directory: string
const bootstraps: Record<string, string> = {}

before(async () => {
  if (!built) return
  directory = mkdtempSync(join(tmpdir(), 'millrace-ideal-'))
  ideal = spawn(join(NATIVE, 'ideal'), [`dir=${directory}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(ideal.stdout as NodeJS.ReadableStream, 'data')
  bootstraps.ideal = /ready (\S+)/.exec(String(line))?.[1] as string
  millrace = await startBroker()
  bootstraps.millrace = millrace.bootstrap
})

after(async () => {
  if (!built) return
  ideal.kill()
  await millrace.stop()
  rmSync(directory, { recursive: true, force: true })
})

for (const name of ['ideal', 'millrace']) {
  const load = (options: Record<string, string | number>) => runLoad(bootstraps[name] as string, options)

  for (const acks of [0, 1, -1]) {
    test(`${name}: everything produced with acks=${acks} is there and is read back once`, {
      skip,
    }, async () => {
      const topic = `acks${acks}`
      const shape = { topic, partitions: 3, connections: 3 }
      const produced = await load({
        mode: 'produce',
        ...shape,
        acks,
        batch: 4_000,
        record: 300,
        requests: 60,
      })
      assert.equal(produced.totalRequests, 60)
      assert.equal(produced.totalRecords % 60, 0)
      assert.ok(produced.totalRecords > 60)
      for (const discard of [0, 1]) {
        const consume = { mode: 'consume', ...shape, wrap: 0, warm: 0, discard, max_bytes: 10_000 }
        const consumed = await load(consume)
        assert.equal(consumed.totalRecords, produced.totalRecords)
        assert.equal(consumed.totalBytes, produced.totalBytes)
      }
    })
  }

  test(`${name}: an open loop sends what was due`, { skip }, async () => {
    const outcome = await load({ mode: 'produce', topic: 'open', batch: 0, rate: 500, warm: 0, seconds: 0.2 })
    assert.equal(outcome.totalRequests, 100)
    assert.ok(outcome.p50Us <= outcome.p99Us && outcome.p99Us <= outcome.p999Us)
    assert.ok(outcome.p999Us <= outcome.maxUs)
  })

  test(`${name}: a tailing consumer holds every record that was sent`, { skip }, async () => {
    const shape = { topic: 'tail', partitions: 2, connections: 2, consumers: 2 }
    const outcome = await load({ mode: 'end_to_end', ...shape, rate: 500, warm: 0, seconds: 0.2 })
    assert.equal(outcome.totalRecords, 100)
  })

  test(`${name}: a closed loop ends when every group holds everything`, { skip }, async () => {
    const shape = { topic: 'groups', partitions: 2, connections: 2, groups: 3, in_flight: 2 }
    const outcome = await load({ mode: 'end_to_end', ...shape, requests: 40 })
    assert.equal(outcome.totalRecords, 3 * 40)
    assert.ok(outcome.seconds > 0 && outcome.recordsPerSecond > 0)
  })

  test(`${name}: a topic is there when every partition answers, also beyond one metadata operation`, {
    skip,
  }, async () => {
    const bootstrap = bootstraps[name] as string
    assert.equal(await awaitTopic(bootstrap, { topic: 'made', partitions: 3 }), 0)
    await load({ mode: 'produce', topic: 'made', partitions: 3, batch: 0, requests: 7 })
    assert.equal(await awaitTopic(bootstrap, { topic: 'made', partitions: 3 }), 7)
    if (name === 'millrace') return
    assert.equal(await awaitTopic(bootstrap, { topic: 'wide', partitions: 5_001 }), 0)
  })
}

test('what is evicted is no longer in the page cache', { skip }, async () => {
  const path = join(directory, 'cold')
  mkdirSync(path)
  writeFileSync(join(path, 'x.log'), Buffer.alloc(1 << 20, 1))
  // A file system that lives in memory has nothing but its cache.
  const share = await evict(path)
  assert.ok(share === 0 || share === 1, `a share of ${share} stayed`)
})

test('a batch from a file is sent as it is, and a damaged one is refused', { skip }, async () => {
  const path = join(directory, 'batch')
  const batch = batchOf(['one', 'two', 'three'])
  writeFileSync(path, batch)
  const options = { mode: 'produce', topic: 'file', batch_file: path, requests: 10 }
  const outcome = await runLoad(bootstraps.millrace as string, options)
  assert.deepEqual([outcome.totalRecords, outcome.totalBytes], [30, 10 * batch.length])
  batch.writeInt8(batch.readInt8(batch.length - 2) ^ 1, batch.length - 2)
  writeFileSync(path, batch)
  await assert.rejects(runLoad(bootstraps.millrace as string, options), /not exactly one whole batch/)
})

test('a broker that closes the connection is a failure, not a figure', { skip }, async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await assert.rejects(runLoad(`127.0.0.1:${port}`, { mode: 'produce', topic: 'none', requests: 1 }))
  server.close()
})

test('a misspelt option is refused', { skip }, async () => {
  await assert.rejects(
    runLoad(bootstraps.ideal as string, { mode: 'produce', bach: 1 }),
    /no such option: bach/,
  )
})
