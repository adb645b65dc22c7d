// Goal: a broker with few descriptors rolls segments all the same, closing files it merely keeps at hand; without any
// it refuses with a retriable error and says why, and goes on by itself once there are some again. Nothing that was
// acknowledged is lost, nothing that was refused is stored.
// Method: a real broker process with the limits of `prlimit`, more logs and connections than those allow, and batches
// of which each begins a segment.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as calls from '../support/calls.js'
import { batchOf } from '../support/records.js'
import { WireClient } from '../support/wire-client.js'
import { fetchTexts, newTopic } from './fixture.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const DESCRIPTORS = 256
/** Below what the process itself has open, so that there is none for anything else. */
const NONE = 8
/** Together more than there are descriptors, as is half of them, which the engine keeps at hand, beside these. */
const CONNECTIONS = 100
const MORE_CONNECTIONS = 20
const PARTITIONS = 200
const ROUNDS = 3

interface Started {
  readonly process: ChildProcess
  readonly bootstrap: string
  said(): string
}

async function start(directory: string): Promise<Started> {
  const overrides = ['listeners=PLAINTEXT://127.0.0.1:0', `log.dirs=${directory}`]
  const options = overrides.flatMap((text) => ['--override', text])
  const program = ['--import', 'tsx', 'src/cli/millrace.ts', 'start', ...options]
  const child = spawn('prlimit', [`--nofile=${DESCRIPTORS}`, process.execPath, ...program], {
    cwd: root,
    env: { ...process.env, MILLRACE_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const bootstrap = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += chunk
      const found = /bootstrap=(\S+)/.exec(said)?.[1]
      if (found !== undefined && said.includes('Kafka Server started')) resolve(found)
    })
    child.once('exit', () => reject(new Error(`the broker did not start: ${said}`)))
  })
  return { process: child, bootstrap, said: () => said }
}

async function kill({ process: child }: Started): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

function limit({ process: child }: Started, soft: number): void {
  const done = spawnSync('prlimit', ['--pid', String(child.pid), `--nofile=${soft}:${DESCRIPTORS}`])
  assert.equal(done.status, 0, String(done.stderr))
}

/** One batch to each partition, all in one request; the partitions that took it, and the codes of the others. */
async function produceTo(client: WireClient, partitions: readonly number[], round: number) {
  // Two hours later than the round before, by the records' own time.
  const timestamp = 1_700_000_000_000 + round * 7_200_000
  const { responses } = await client.call(calls.produce, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 5_000,
    topicData: [
      {
        name: 'orders',
        partitionData: partitions.map((index) => ({
          index,
          records: batchOf([`${round}-${index}`], { timestamp }),
        })),
      },
    ],
  })
  const answers = responses[0]?.partitionResponses ?? []
  assert.equal(answers.length, partitions.length)
  return {
    taken: answers.flatMap(({ index, errorCode }) => (errorCode === ErrorCode.NONE ? [index] : [])),
    codes: new Set(answers.map(({ errorCode }) => errorCode)),
  }
}

async function assertStored(client: WireClient, acknowledged: ReadonlyMap<number, string[]>): Promise<void> {
  for (const [index, texts] of acknowledged) {
    const { records } = await fetchTexts(client, 'orders', { index })
    // A read ends with its segment.
    const found = records.map(([, text]) => text)
    while (found.length < texts.length) {
      const more = await fetchTexts(client, 'orders', { index, offset: found.length })
      assert.ok(more.records.length > 0, `partition ${index} ends at ${found.length}`)
      found.push(...more.records.map(([, text]) => text))
    }
    assert.deepEqual(found, texts, `partition ${index}`)
  }
}

const skip = spawnSync('prlimit', ['--version']).status === 0 ? false : 'there is no prlimit'

test('segments roll near the limit of descriptors and at it', { skip }, async () => {
  const directory = await mkdtemp(`${tmpdir()}/millrace-descriptors-`)
  const all = Array.from({ length: PARTITIONS }, (_, index) => index)
  const acknowledged = new Map<number, string[]>(all.map((index) => [index, []]))
  const remember = (taken: readonly number[], round: number) => {
    for (const index of taken) acknowledged.get(index)?.push(`${round}-${index}`)
  }
  let broker = await start(directory)
  try {
    const client = await WireClient.open(broker.bootstrap)
    const idle = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => WireClient.open(broker.bootstrap)),
    )
    const configs = { 'segment.ms': '3600000', 'retention.ms': '-1' }
    const { topics } = await client.call(calls.createTopics, 7, {
      topics: [newTopic('orders', PARTITIONS, configs)],
      timeoutMs: 60_000,
    })
    assert.equal(topics[0]?.errorCode, ErrorCode.NONE, String(topics[0]?.errorMessage))

    for (let round = 0; round < ROUNDS; round++) {
      const { taken, codes } = await produceTo(client, all, round)
      assert.deepEqual([...codes], [ErrorCode.NONE], `round ${round}`)
      remember(taken, round)
    }
    // Connections get theirs as well.
    for (let i = 0; i < MORE_CONNECTIONS; i++) {
      const late = await WireClient.open(broker.bootstrap)
      idle.push(late)
      await late.call(calls.apiVersions, 4, { clientSoftwareName: 'test', clientSoftwareVersion: '1' })
    }
    assert.doesNotMatch(broker.said(), /EMFILE/)

    limit(broker, NONE)
    const starved = await produceTo(client, all, ROUNDS)
    remember(starved.taken, ROUNDS)
    assert.deepEqual([...starved.codes], [ErrorCode.KAFKA_STORAGE_ERROR])
    const line = /ERROR write failed, appends are refused until it passes .*EMFILE/
    while (!line.test(broker.said())) await pause(20)
    const latecomer = await WireClient.open(broker.bootstrap)

    limit(broker, DESCRIPTORS)
    let left = all.filter((index) => !starved.taken.includes(index))
    for (; left.length > 0; await pause(50)) {
      const { taken } = await produceTo(client, left, ROUNDS)
      remember(taken, ROUNDS)
      left = left.filter((index) => !taken.includes(index))
    }
    await assertStored(latecomer, acknowledged)
    for (const each of [client, latecomer, ...idle]) each.close()

    await kill(broker)
    broker = await start(directory)
    const reader = await WireClient.open(broker.bootstrap)
    await assertStored(reader, acknowledged)
    assert.deepEqual([...(await produceTo(reader, all, ROUNDS + 1)).codes], [ErrorCode.NONE])
    reader.close()
  } finally {
    await kill(broker)
    await rm(directory, { recursive: true })
  }
})
