// Goal: what was acknowledged is there after a restart: topics, records, settings and committed offsets.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { ErrorCode } from '../../src/protocol/errors.js'
import { UNSET_UUID } from '../../src/protocol/reader.js'
import * as calls from '../support/calls.js'
import { WireClient } from '../support/wire-client.js'
import { createTopic, fetchTexts, produceTexts, start } from './fixture.js'

async function run<T>(dataDir: string, body: (client: WireClient) => Promise<T>): Promise<T> {
  const broker = await start({ dataDir })
  const client = await WireClient.open(broker.bootstrap)
  try {
    return await body(client)
  } finally {
    client.close()
    await broker.stop()
  }
}

test('a restart keeps topics, records, settings and offsets', async () => {
  const dataDir = await mkdtemp(`${tmpdir()}/millrace-e2e-`)
  try {
    const topicId = await run(dataDir, async (client) => {
      const id = await createTopic(client, 'kept', 3)
      await createTopic(client, 'dropped')
      await produceTexts(client, 'kept', ['a', 'b'], 1)
      await client.call(calls.incrementalAlterConfigs, 1, {
        resources: [
          {
            resourceType: 2,
            resourceName: 'kept',
            configs: [{ name: 'retention.ms', configOperation: 0, value: '-1' }],
          },
        ],
        validateOnly: false,
      })
      await client.call(calls.deleteTopics, 6, {
        topics: [{ name: 'dropped', topicId: UNSET_UUID }],
        timeoutMs: 1000,
      })
      const found = await client.call(calls.findCoordinator, 3, { key: 'group', keyType: 0 })
      assert.equal(found.errorCode, 0)
      const committed = await client.call(calls.offsetCommit, 8, {
        groupId: 'group',
        generationIdOrMemberEpoch: -1,
        memberId: '',
        topics: [
          { name: 'kept', partitions: [{ partitionIndex: 1, committedOffset: 1, committedMetadata: 'm' }] },
        ],
      })
      assert.equal(committed.topics[0]?.partitions[0]?.errorCode, 0)
      return id
    })
    await run(dataDir, async (client) => {
      const { topics } = await client.call(calls.metadata, 12, { topics: null })
      const kept = topics.find(({ name }) => name === 'kept')
      assert.equal(kept?.topicId, topicId)
      assert.equal(kept?.partitions.length, 3)
      assert.equal(
        topics.some(({ name }) => name === 'dropped'),
        false,
      )
      assert.deepEqual((await fetchTexts(client, 'kept', { index: 1 })).records, [
        [0, 'a'],
        [1, 'b'],
      ])
      assert.deepEqual(await produceTexts(client, 'kept', ['c'], 1), { errorCode: 0, baseOffset: 2 })
      const described = await client.call(calls.describeConfigs, 4, {
        resources: [{ resourceType: 2, resourceName: 'kept', configurationKeys: ['retention.ms'] }],
      })
      assert.equal(described.results[0]?.configs[0]?.value, '-1')
      const fetched = await client.call(calls.offsetFetch, 5, {
        groupId: 'group',
        topics: [{ name: 'kept', partitionIndexes: [1, 2] }],
      })
      assert.deepEqual(
        fetched.topics[0]?.partitions.map(({ committedOffset, metadata, errorCode }) => [
          committedOffset,
          metadata,
          errorCode,
        ]),
        [
          [1, 'm', 0],
          [-1, '', 0],
        ],
      )
      const again = await client.call(calls.createTopics, 7, {
        topics: [{ name: 'kept', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      })
      assert.equal(again.topics[0]?.errorCode, ErrorCode.TOPIC_ALREADY_EXISTS)
    })
    const names = await readdir(dataDir)
    assert.ok(names.includes('.kafka_cleanshutdown'))
    assert.ok(names.includes('meta.properties'))
    assert.ok(names.includes('__cluster_metadata-0'))
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('two brokers cannot share a directory', async () => {
  const dataDir = await mkdtemp(`${tmpdir()}/millrace-e2e-`)
  try {
    const broker = await start({ dataDir })
    await assert.rejects(start({ dataDir }))
    const client = await WireClient.open(broker.bootstrap)
    await createTopic(client, 'still-works')
    client.close()
    await broker.stop()
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('a start on a port that is taken fails and leaves nothing behind', async () => {
  const first = await start()
  const port = Number(first.bootstrap.split(':')[1])
  await assert.rejects(start({ port }))
  await first.stop()
  const second = await start({ port })
  await second.stop()
  await second.stop()
})
