// The group requests over the wire form of every version: decode, handle, encode, decode, and what a client sees.

import assert from 'node:assert/strict'
import test from 'node:test'
import { offsetCommit } from '../../src/api/08-offset-commit.js'
import { offsetFetch } from '../../src/api/09-offset-fetch.js'
import { findCoordinator } from '../../src/api/10-find-coordinator.js'
import { joinGroup } from '../../src/api/11-join-group.js'
import { heartbeat } from '../../src/api/12-heartbeat.js'
import { leaveGroup } from '../../src/api/13-leave-group.js'
import { syncGroup } from '../../src/api/14-sync-group.js'
import { describeGroups } from '../../src/api/15-describe-groups.js'
import { listGroups } from '../../src/api/16-list-groups.js'
import { deleteGroups } from '../../src/api/42-delete-groups.js'
import { offsetDelete } from '../../src/api/47-offset-delete.js'
import type { AnyApi } from '../../src/api/api.js'
import type { MetadataImage } from '../../src/cluster/metadata-image.js'
import { decode, encode } from '../../src/protocol/compile.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { Reader, UNSET_UUID } from '../../src/protocol/reader.js'
import { Writer } from '../../src/protocol/writer.js'
import { GROUP, GroupWorld, TOPIC_ID } from '../groups/harness.js'

const client = { clientId: 'c', host: '10.0.0.1' }
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAAg'
const topic = { name: 'topic', id: TOPIC_ID, partitions: [{}, {}] }
const view = {
  image: {
    topicByName: (name: string) => (name === 'topic' ? topic : undefined),
    topicById: (id: string) => (id === TOPIC_ID ? topic : undefined),
  } as unknown as MetadataImage,
}

// biome-ignore lint/suspicious/noExplicitAny: replies of eleven schemas are compared field by field.
type Reply = any

/** Through the bytes of both messages, as a client of that version would send and see them. */
async function call(api: AnyApi, version: number, request: object): Promise<Reply> {
  assert.ok(version >= api.min && version <= api.max)
  const sent = throughBytes(api.requestSchema, version, request)
  const context = { apiVersion: version, client } as never
  const reply = await api.handle(sent, context)
  const failed = api.onError(sent, ErrorCode.UNKNOWN_SERVER_ERROR)
  assert.match(JSON.stringify(throughBytes(api.responseSchema, version, failed)), /"errorCode":-1|\[\]/)
  return throughBytes(api.responseSchema, version, reply)
}

function throughBytes(schema: AnyApi['requestSchema'], version: number, message: Reply): Reply {
  const writer = new Writer()
  encode(schema, version, writer, message)
  const reader = new Reader(Buffer.from(writer.bytesWritten()))
  const result = decode(schema, version, reader)
  assert.equal(reader.remaining, 0)
  return result
}

function versions(api: AnyApi): number[] {
  return Array.from({ length: api.max - api.min + 1 }, (_, index) => api.min + index)
}

const partition = { partitionIndex: 0, committedOffset: 7, committedLeaderEpoch: 2, committedMetadata: null }

test('OffsetCommit and OffsetFetch at every version', async () => {
  const { coordinator: groups } = await GroupWorld.start()
  const commit = offsetCommit({ groups, view })
  for (const version of versions(commit)) {
    const topics = [
      { name: 'topic', topicId: TOPIC_ID, partitions: [partition, { ...partition, partitionIndex: 2 }] },
      { name: 'gone', topicId: UNKNOWN_ID, partitions: [partition] },
    ]
    const reply = await call(commit, version, { groupId: GROUP, memberId: '', topics })
    const unknown = version >= 10 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert.deepEqual(
      reply.topics.map((one: Reply) => [version >= 10 ? one.topicId : one.name, one.partitions]),
      [
        [
          version >= 10 ? TOPIC_ID : 'topic',
          [
            { partitionIndex: 0, errorCode: ErrorCode.NONE },
            { partitionIndex: 2, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
          ],
        ],
        [version >= 10 ? UNKNOWN_ID : 'gone', [{ partitionIndex: 0, errorCode: unknown }]],
      ],
    )
  }
  const fetch = offsetFetch({ groups, view })
  const committed = (version: number) => ({
    partitionIndex: 0,
    committedOffset: 7,
    committedLeaderEpoch: version >= 5 ? 2 : -1,
    metadata: '',
    errorCode: ErrorCode.NONE,
  })
  for (const version of versions(fetch).filter((version) => version < 8)) {
    const topics = [{ name: 'topic', partitionIndexes: [0] }]
    const reply = await call(fetch, version, { groupId: GROUP, topics })
    assert.deepEqual(reply.topics, [{ name: 'topic', partitions: [committed(version)] }])
    if (version < 2) continue
    const all = await call(fetch, version, { groupId: GROUP, topics: null })
    assert.deepEqual(all.topics, reply.topics)
  }
  for (const version of [8, 9, 10]) {
    const topics = [
      { name: 'topic', topicId: TOPIC_ID, partitionIndexes: [0] },
      { name: 'gone', topicId: UNKNOWN_ID, partitionIndexes: [5] },
    ]
    const request = {
      groups: [
        { groupId: GROUP, topics },
        { groupId: 'other', topics: null },
      ],
    }
    const reply = await call(fetch, version, request)
    assert.deepEqual(reply.groups[1], { groupId: 'other', topics: [], errorCode: ErrorCode.NONE })
    const [known, unknown] = reply.groups[0].topics
    assert.deepEqual(known.partitions, [committed(version)])
    assert.deepEqual([known.name, known.topicId], version < 10 ? ['topic', UNSET_UUID] : ['', TOPIC_ID])
    assert.equal(unknown.partitions[0].committedOffset, -1)
    assert.equal(unknown.partitions[0].errorCode, version < 10 ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_ID)
  }
})

test('a commit to no topic we know asks no group', async () => {
  const { coordinator: groups, log } = await GroupWorld.start()
  const topics = [{ name: 'gone', partitions: [partition] }]
  const reply = await call(offsetCommit({ groups, view }), 9, { groupId: GROUP, memberId: '', topics })
  assert.equal(reply.topics[0].partitions[0].errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(log.recordTotal, 0)
})

test('OffsetFetch tells an error where the version has room for it', async () => {
  const { coordinator: groups } = await GroupWorld.start()
  groups.stop()
  const fetch = offsetFetch({ groups, view })
  const topics = [{ name: 'topic', partitionIndexes: [0] }]
  const v1 = await call(fetch, 1, { groupId: GROUP, topics })
  assert.equal(v1.topics[0].partitions[0].errorCode, ErrorCode.NOT_COORDINATOR)
  assert.equal((await call(fetch, 7, { groupId: GROUP, topics })).errorCode, ErrorCode.NOT_COORDINATOR)
  for (const version of [8, 10]) {
    const reply = await call(fetch, version, { groups: [{ groupId: GROUP, topics }] })
    assert.deepEqual(reply.groups, [{ groupId: GROUP, topics: [], errorCode: ErrorCode.NOT_COORDINATOR }])
  }
})

test('FindCoordinator at every version', async () => {
  let created = 0
  const ensureOffsetsTopic = async () => {
    created++
  }
  let transactional = 0
  const ensureTransactionsTopic = async () => {
    transactional++
  }
  const endpointFor = () => ({ nodeId: 3, host: 'here', port: 9092 })
  const find = findCoordinator({ ensureOffsetsTopic, ensureTransactionsTopic, endpointFor })
  const node = { nodeId: 3, host: 'here', port: 9092, errorCode: ErrorCode.NONE, errorMessage: null }
  for (const version of versions(find)) {
    const request = version < 4 ? { key: GROUP, keyType: 0 } : { keyType: 0, coordinatorKeys: [GROUP, 'b'] }
    const reply = await call(find, version, request)
    if (version >= 4) {
      assert.deepEqual(reply.coordinators, [
        { key: GROUP, ...node },
        { key: 'b', ...node },
      ])
    } else {
      assert.deepEqual([reply.errorCode, reply.nodeId, reply.host, reply.port], [0, 3, 'here', 9092])
    }
  }
  assert.equal(created, 7)
  const codeOf = async (version: number, keyType: number) =>
    (await call(find, version, { key: 'x', keyType, coordinatorKeys: ['x'] })).coordinators[0].errorCode
  assert.equal(await codeOf(4, 1), ErrorCode.NONE)
  assert.equal(transactional, 1)
  assert.equal(await codeOf(5, 2), ErrorCode.INVALID_REQUEST)
  assert.equal(await codeOf(6, 2), ErrorCode.COORDINATOR_NOT_AVAILABLE)
  assert.equal(await codeOf(6, 9), ErrorCode.INVALID_REQUEST)
  assert.equal(created, 7, 'nothing is created for those')
  const failing = findCoordinator({
    ensureOffsetsTopic: () => Promise.reject(new Error('no')),
    ensureTransactionsTopic,
    endpointFor,
  })
  const reply = await call(failing, 0, { key: GROUP })
  assert.deepEqual([reply.errorCode, reply.nodeId], [ErrorCode.COORDINATOR_NOT_AVAILABLE, -1])
})

const protocols = [{ name: 'range', metadata: Buffer.from([0, 0, 0, 0, 0, 0]) }]

test('JoinGroup, SyncGroup, Heartbeat and LeaveGroup at every version', async () => {
  const apis = (world: GroupWorld) => ({
    join: joinGroup(world.coordinator),
    sync: syncGroup(world.coordinator),
    beat: heartbeat(world.coordinator),
    leave: leaveGroup(world.coordinator),
  })
  for (let version = 0; version <= 9; version++) {
    const world = await GroupWorld.start({ groupInitialRebalanceDelayMs: 0 })
    const { join, sync, beat, leave } = apis(world)
    const request = {
      groupId: GROUP,
      sessionTimeoutMs: 6_000,
      rebalanceTimeoutMs: 9_000,
      protocolType: 'consumer',
      protocols,
    }
    let memberId = ''
    if (version >= 4) {
      const first = await call(join, version, { ...request, memberId })
      assert.equal(first.errorCode, ErrorCode.MEMBER_ID_REQUIRED)
      memberId = first.memberId
    }
    const joining = call(join, version, { ...request, memberId })
    await world.advance(1)
    const joined = await joining
    assert.equal(joined.errorCode, ErrorCode.NONE)
    assert.equal(joined.protocolName, 'range')
    assert.equal(joined.protocolType, version >= 7 ? 'consumer' : null)
    assert.deepEqual(joined.members, [
      { memberId: joined.memberId, groupInstanceId: null, metadata: protocols[0]?.metadata },
    ])
    const member = { groupId: GROUP, generationId: 1, memberId: joined.memberId }
    const syncVersion = Math.min(version, sync.max)
    const assignments = [{ memberId: joined.memberId, assignment: Buffer.from('A') }]
    const named = { protocolType: 'consumer', protocolName: 'range' }
    const synced = await call(sync, syncVersion, { ...member, ...named, assignments })
    assert.deepEqual([synced.errorCode, synced.assignment.toString()], [ErrorCode.NONE, 'A'])
    assert.equal(synced.protocolName, syncVersion >= 5 ? 'range' : null)
    assert.equal((await call(beat, Math.min(version, beat.max), member)).errorCode, ErrorCode.NONE)
    const described = await world.coordinator.describeGroup(GROUP)
    assert.deepEqual([described.members[0]?.clientId, described.members[0]?.clientHost], ['c', '/10.0.0.1'])
    const leaveVersion = Math.min(version, leave.max)
    const leaving = { groupId: GROUP, memberId: joined.memberId, members: [{ memberId: joined.memberId }] }
    assert.equal((await call(leave, leaveVersion, leaving)).errorCode, ErrorCode.NONE)
    const again = await call(leave, leaveVersion, leaving)
    if (leaveVersion < 3) assert.equal(again.errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
    else assert.equal(again.members[0].errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
  }
})

test('errors of JoinGroup have a form in every version', async () => {
  const { coordinator } = await GroupWorld.start()
  const join = joinGroup(coordinator)
  for (const version of versions(join)) {
    const request = { groupId: '', sessionTimeoutMs: 1, memberId: 'm', protocolType: 'consumer', protocols }
    const reply = await call(join, version, request)
    assert.deepEqual(
      [reply.errorCode, reply.generationId, reply.memberId, reply.protocolName],
      [ErrorCode.INVALID_GROUP_ID, -1, 'm', version >= 7 ? null : ''],
    )
  }
})

test('SyncGroup v5 must name the protocol', async () => {
  const { coordinator } = await GroupWorld.start()
  const request = { groupId: GROUP, generationId: 1, memberId: 'm', assignments: [] }
  assert.equal(
    (await call(syncGroup(coordinator), 5, request)).errorCode,
    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
  )
  assert.equal((await call(syncGroup(coordinator), 4, request)).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('DescribeGroups and ListGroups at every version', async () => {
  const world = await GroupWorld.start()
  await world.stable({})
  await world.commit({ groupId: 'simple' })
  const describe = describeGroups(world.coordinator)
  for (const version of versions(describe)) {
    const request = { groups: [GROUP, 'unknown'], includeAuthorizedOperations: version >= 3 }
    const { groups } = await call(describe, version, request)
    assert.deepEqual([groups[0].groupState, groups[0].members.length], ['Stable', 1])
    assert.equal(groups[0].authorizedOperations, version >= 3 ? 3_400 : -0x80000000)
    assert.equal(groups[1].groupState, 'Dead')
    assert.equal(groups[1].errorCode, version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE)
    assert.equal(groups[1].errorMessage, version >= 6 ? 'Group unknown not found.' : null)
  }
  const list = listGroups(world.coordinator)
  for (const version of versions(list)) {
    const request = {
      statesFilter: version >= 4 ? ['stable'] : [],
      typesFilter: version >= 5 ? ['classic'] : [],
    }
    const { errorCode, groups } = await call(list, version, request)
    assert.equal(errorCode, ErrorCode.NONE)
    assert.equal(groups.length, version >= 4 ? 1 : 2)
    const mine = groups.find(({ groupId }: Reply) => groupId === GROUP)
    assert.deepEqual(mine, {
      groupId: GROUP,
      protocolType: 'consumer',
      groupState: version >= 4 ? 'Stable' : '',
      groupType: version >= 5 ? 'classic' : '',
    })
  }
})

test('DeleteGroups and OffsetDelete', async () => {
  const world = await GroupWorld.start()
  await world.stable({})
  await world.commit({ groupId: 'simple' })
  const remove = offsetDelete({ groups: world.coordinator, view })
  const topics = [
    { name: 'topic', partitions: [{ partitionIndex: 2 }, { partitionIndex: 0 }, { partitionIndex: -1 }] },
    { name: 'gone', partitions: [{ partitionIndex: 0 }] },
  ]
  const removed = await call(remove, 0, { groupId: 'simple', topics })
  const missing = (partitionIndex: number) => ({
    partitionIndex,
    errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  })
  assert.deepEqual(removed.topics, [
    { name: 'topic', partitions: [{ partitionIndex: 0, errorCode: 0 }, missing(2), missing(-1)] },
    { name: 'gone', partitions: [missing(0)] },
  ])
  const none = await call(remove, 0, { groupId: 'none', topics })
  assert.deepEqual([none.errorCode, none.topics], [ErrorCode.GROUP_ID_NOT_FOUND, []])
  const drop = deleteGroups(world.coordinator)
  for (const version of versions(drop)) {
    const { results } = await call(drop, version, { groupsNames: [GROUP, 'none', 'none'] })
    assert.deepEqual(results, [
      { groupId: GROUP, errorCode: ErrorCode.NON_EMPTY_GROUP },
      { groupId: 'none', errorCode: ErrorCode.GROUP_ID_NOT_FOUND },
    ])
  }
  assert.deepEqual((await call(drop, 2, { groupsNames: ['simple'] })).results, [
    { groupId: 'simple', errorCode: 0 },
  ])
})
