// Question: how long does a heartbeat take, in milliseconds, with many groups or one large group, while the broker
// takes in records at half of what it can?

import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
} from '../../src/protocol/messages/consumer-protocol.js'
import { encodeVersioned } from '../../src/protocol/versioned.js'
import { runLoad } from '../compare/native-tools.js'
import type { LoadedPeer } from '../compare/peers.js'
import type { Figures } from '../compare/scenario.js'
import { usageOf } from '../compare/usage.js'
import { coordinatorReady, createTopic, pause } from './calls.js'
import { ClassicMember, joinInWaves } from './classic-members.js'
import { Connection } from './connection.js'
import { ConsumerMember } from './consumer-members.js'
import { Latencies, rounded } from './latencies.js'
import type { Member } from './member.js'

export interface HeartbeatLoad {
  readonly protocol: 'classic' | 'consumer'
  readonly groups: number
  readonly membersPerGroup: number
  readonly connections: number
  readonly seconds: number
  /** 0 to 1: of the rate that a closed loop of producers reaches just before. */
  readonly produceShare: number
}

const TOPIC = 'consumed'
const PARTITIONS = 100
const PRODUCE = { mode: 'produce', topic: 'produced', partitions: 4, connections: 4, acks: 1, batch: 16_384 }

export async function heartbeats(peer: LoadedPeer, load: HeartbeatLoad): Promise<Figures> {
  const { bootstrap, pid } = peer
  await createTopic(bootstrap, TOPIC, PARTITIONS)
  await coordinatorReady(bootstrap)
  const requestRate =
    load.produceShare === 0 ? 0 : (await runLoad(bootstrap, { ...PRODUCE, seconds: 3 })).requestsPerSecond
  const connections = await opened(bootstrap, load.connections)
  const joined = usageOf(pid)
  const members = await joinedMembers(connections, load)
  const before = usageOf(pid)
  const rate = Math.round(requestRate * load.produceShare)
  const seconds = load.seconds + 2
  const producing = rate === 0 ? null : runLoad(bootstrap, { ...PRODUCE, rate, seconds })
  await pause(1_000)
  const { latencies, moved } = await beatAll(members, load.seconds)
  const produced = await producing
  const after = usageOf(pid)
  for (const connection of connections) connection.close()
  return {
    members: members.length,
    heartbeats: latencies.count,
    heartbeatsPerSecond: Math.round(latencies.count / load.seconds),
    moved,
    ...latencies.figures(),
    producedRequestsPerSecond: Math.round(produced?.requestsPerSecond ?? 0),
    joinCpuSeconds: rounded(cpu(before) - cpu(joined)),
    cpuSeconds: rounded(cpu(after) - cpu(before)),
    residentMB: Math.round(after.residentBytes / 1e6),
  }
}

const cpu = ({ userSeconds, systemSeconds }: { userSeconds: number; systemSeconds: number }) =>
  userSeconds + systemSeconds

async function opened(bootstrap: string, count: number): Promise<Connection[]> {
  const connections: Connection[] = []
  for (let at = 0; at < count; at++) connections.push(await Connection.open(bootstrap))
  return connections
}

/** Members of one group are on connections of their own, for each may wait for the others. */
async function joinedMembers(
  connections: readonly Connection[],
  { protocol, groups, membersPerGroup }: HeartbeatLoad,
): Promise<Member[]> {
  const at = (group: number, member: number) => ({
    groupId: `group-${group}`,
    connection: connections[(group * membersPerGroup + member) % connections.length] as Connection,
  })
  const indexes = (count: number) => Array.from({ length: count }, (_, index) => index)
  if (protocol === 'classic') {
    const all = indexes(groups).map((group) =>
      indexes(membersPerGroup).map((member) => new ClassicMember({ ...at(group, member), ...classicBlobs })),
    )
    await joinInWaves(all, connections.length)
    return all.flat()
  }
  const all = indexes(groups).flatMap((group) =>
    indexes(membersPerGroup).map((member) => new ConsumerMember({ ...at(group, member), topics: [TOPIC] })),
  )
  for (const member of all) await member.join()
  // Rounds of everyone until groups have settled; what is left moves during the measurement and is counted.
  for (let round = 0; round < 8; round++) {
    await Promise.all(all.map((member) => member.beat()))
    await pause(500)
  }
  return all
}

const classicBlobs = {
  subscription: encodeVersioned(ConsumerProtocolSubscription, 1, {
    topics: [TOPIC],
    userData: null,
    ownedPartitions: [],
  }),
  assignment: encodeVersioned(ConsumerProtocolAssignment, 1, {
    assignedPartitions: [{ topic: TOPIC, partitions: [0, 1, 2, 3] }],
    userData: null,
  }),
}

/** Every member beats in its interval, at a phase of its own; latencies count from when the request was sent. */
async function beatAll(
  members: readonly Member[],
  seconds: number,
): Promise<{ latencies: Latencies; moved: number }> {
  const latencies = new Latencies()
  let moved = 0
  // Kept until the end: a rejection that nobody waits for yet would end the process, and leave the broker behind.
  let failure: unknown = null
  const beat = async (member: Member) => {
    const sentAt = performance.now()
    try {
      if (!(await member.beat())) moved++
      latencies.add(performance.now() - sentAt)
    } catch (error) {
      failure ??= error
    }
  }
  const startedAt = performance.now()
  const interval = members[0]?.intervalMs ?? 1
  const beats: Promise<void>[] = []
  for (let sent = 0; ; ) {
    const elapsedMs = performance.now() - startedAt
    if (elapsedMs > seconds * 1_000) break
    const due = Math.floor((elapsedMs / interval) * members.length)
    for (; sent < due; sent++) beats.push(beat(members[sent % members.length] as Member))
    await pause(1)
  }
  await Promise.all(beats)
  if (failure !== null) throw failure
  return { latencies, moved }
}
