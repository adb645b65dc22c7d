// Goal: one EIO takes its log directory offline: nothing is acknowledged that may be lost, the call is not tried again
// and believed, the other directory serves on, and the next start has everything that was acknowledged.
// Method: a real broker process whose fdatasync or write fails once, by a library that is preloaded.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as calls from '../support/calls.js'
import { WireClient } from '../support/wire-client.js'
import { killProcess, startProcess } from './broker-process.js'
import { fetchTexts, newTopic, produceTexts } from './fixture.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PARTITIONS = 4

const work = await mkdtemp(`${tmpdir()}/millrace-failing-disk-`)
const library = `${work}/failing_disk.so`
const built = spawnSync(
  'cc',
  ['-shared', '-fPIC', '-O1', '-o', library, 'test/crash/failing_disk.c', '-ldl'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
test.after(() => rm(work, { recursive: true, force: true }))

const start = (directory: string, environment: NodeJS.ProcessEnv) =>
  startProcess([`log.dirs=${directory}/a,${directory}/b`], environment)

async function partitionsIn(directory: string): Promise<number[]> {
  const names = await readdir(directory)
  return names.flatMap((name) => (/^orders-(\d)$/.exec(name) ? [Number(name.slice(7))] : []))
}

for (const call of ['fdatasync', 'pwritev']) {
  test(`${call} fails once`, { skip: built.status === 0 ? false : 'there is no C compiler' }, async () => {
    const directory = `${work}/${call}`
    const plan = `${directory}.plan`
    const broker = await start(directory, { LD_PRELOAD: library, FAILING_DISK: plan })
    const client = await WireClient.open(broker.bootstrap)
    const expected = new Map<number, string[]>()
    try {
      const topics = [newTopic('orders', PARTITIONS, { 'flush.messages': '1' })]
      await client.call(calls.createTopics, 7, { topics })
      const send = async (index: number, text: string) => {
        const { errorCode } = await produceTexts(client, 'orders', [text], index)
        if (errorCode === 0) expected.set(index, [...(expected.get(index) ?? []), text])
        return errorCode
      }
      for (let index = 0; index < PARTITIONS; index++) assert.equal(await send(index, 'before'), 0)
      const failing = await partitionsIn(`${directory}/b`)
      const serving = await partitionsIn(`${directory}/a`)
      const [first] = failing
      assert.ok(first !== undefined && serving.length > 0)

      await writeFile(plan, `${call} /b/orders-${first}/`)
      assert.equal(await send(first, 'lost'), ErrorCode.KAFKA_STORAGE_ERROR)
      assert.equal(existsSync(plan), false, 'it failed once')
      for (const index of failing) assert.notEqual(await send(index, 'after'), 0, `partition ${index}`)
      for (const index of serving) assert.equal(await send(index, 'after'), 0, `partition ${index}`)
    } finally {
      client.close()
      await killProcess(broker)
    }

    const again = await start(directory, {})
    const reader = await WireClient.open(again.bootstrap)
    try {
      for (const [index, texts] of expected) {
        const { records } = await fetchTexts(reader, 'orders', { index })
        const found = records.map(([, text]) => text)
        // What was refused may be there, behind what was acknowledged.
        assert.deepEqual(found.slice(0, texts.length), texts, `partition ${index}`)
      }
      const { errorCode } = await produceTexts(reader, 'orders', ['again'], 0)
      assert.equal(errorCode, 0)
    } finally {
      reader.close()
      await killProcess(again)
    }
  })
}
