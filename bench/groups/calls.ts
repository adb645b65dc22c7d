import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../src/protocol/messages/consumer-group-heartbeat.js'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../src/protocol/messages/create-topics.js'
import {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
} from '../../src/protocol/messages/find-coordinator.js'
import { HeartbeatRequest, HeartbeatResponse } from '../../src/protocol/messages/heartbeat.js'
import { JoinGroupRequest, JoinGroupResponse } from '../../src/protocol/messages/join-group.js'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/messages/offset-commit.js'
import { SyncGroupRequest, SyncGroupResponse } from '../../src/protocol/messages/sync-group.js'
import { Connection } from './connection.js'

export const findCoordinator = [FindCoordinatorRequest, FindCoordinatorResponse, 4] as const
export const createTopics = [CreateTopicsRequest, CreateTopicsResponse, 7] as const
export const joinGroup = [JoinGroupRequest, JoinGroupResponse, 9] as const
export const syncGroup = [SyncGroupRequest, SyncGroupResponse, 5] as const
export const heartbeat = [HeartbeatRequest, HeartbeatResponse, 4] as const
export const offsetCommit = [OffsetCommitRequest, OffsetCommitResponse, 9] as const
export const consumerGroupHeartbeat = [
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  1,
] as const

const UNKNOWN_MEMBER_ID = 25
/** Enough names that every partition of the offsets topic has some. */
const PROBES = 400

/** Ends when the broker serves groups: the offsets topic exists and its partitions are loaded. */
export async function coordinatorReady(bootstrap: string): Promise<void> {
  const connection = await Connection.open(bootstrap)
  for (let probe = 0; probe < PROBES; ) {
    const groupId = `probe-${probe}`
    const found = await connection.call(findCoordinator, { keyType: 0, coordinatorKeys: [groupId] })
    const body = { groupId, generationId: 1, memberId: 'nobody', groupInstanceId: null }
    const { errorCode } = await connection.call(heartbeat, body)
    if (found.coordinators?.[0]?.errorCode === 0 && errorCode === UNKNOWN_MEMBER_ID) probe++
    else await pause(100)
  }
  connection.close()
}

export async function createTopic(bootstrap: string, name: string, numPartitions: number): Promise<void> {
  const connection = await Connection.open(bootstrap)
  const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }
  const { topics } = await connection.call(createTopics, {
    topics: [topic],
    timeoutMs: 60_000,
    validateOnly: false,
  })
  if (topics[0]?.errorCode !== 0) throw new Error(`topic ${name}: error ${topics[0]?.errorCode}`)
  connection.close()
}

export function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms))
}
