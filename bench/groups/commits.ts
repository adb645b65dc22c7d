// Question: how many offsets per second does the broker commit, and for how much CPU?

import type { LoadedPeer } from '../compare/peers.js'
import type { Figures } from '../compare/scenario.js'
import { usageOf } from '../compare/usage.js'
import { coordinatorReady, createTopic, offsetCommit } from './calls.js'
import { answerOf, Connection, frameOf } from './connection.js'
import { Latencies, rounded } from './latencies.js'

export interface CommitLoad {
  /** Each has a group of its own and one request in flight. */
  readonly connections: number
  readonly offsetsPerRequest: number
  readonly seconds: number
}

const TOPIC = 'committed'
const WARM_MS = 2_000
/** Answers are looked into once in so many; decoding each would cost the generator what the broker needs. */
const LOOKED_INTO = 16

export async function commits({ bootstrap, pid }: LoadedPeer, load: CommitLoad): Promise<Figures> {
  await createTopic(bootstrap, TOPIC, load.offsetsPerRequest)
  await coordinatorReady(bootstrap)
  const connections: Connection[] = []
  for (let count = 0; count < load.connections; count++) connections.push(await Connection.open(bootstrap))
  const warmUntil = performance.now() + WARM_MS
  await Promise.all(connections.map((connection, at) => commitUntil(connection, at, load, warmUntil)))
  const before = usageOf(pid)
  const latencies = new Latencies()
  const startedAt = performance.now()
  const until = startedAt + load.seconds * 1_000
  await Promise.all(connections.map((connection, at) => commitUntil(connection, at, load, until, latencies)))
  const seconds = (performance.now() - startedAt) / 1_000
  const after = usageOf(pid)
  for (const connection of connections) connection.close()
  const cpuSeconds = after.userSeconds + after.systemSeconds - before.userSeconds - before.systemSeconds
  const offsets = latencies.count * load.offsetsPerRequest
  return {
    offsetsPerSecond: Math.round(offsets / seconds),
    requestsPerSecond: Math.round(latencies.count / seconds),
    ...latencies.figures(),
    cpuSeconds: rounded(cpuSeconds),
    cpuMicrosecondsPerOffset: rounded((cpuSeconds / offsets) * 1e6),
    residentMB: Math.round(after.residentBytes / 1e6),
  }
}

async function commitUntil(
  connection: Connection,
  at: number,
  { offsetsPerRequest }: CommitLoad,
  untilMs: number,
  latencies?: Latencies,
): Promise<void> {
  const frame = frameOf(offsetCommit, commitOf(`group-${at}`, offsetsPerRequest))
  for (let count = 0; ; count++) {
    const sentAt = performance.now()
    if (sentAt >= untilMs) return
    const answer = await connection.exchange(frame)
    latencies?.add(performance.now() - sentAt)
    if (count % LOOKED_INTO !== 0) continue
    const { topics } = answerOf(offsetCommit, answer)
    const codes = topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
    if (codes.length !== offsetsPerRequest || codes.some((code) => code !== 0)) {
      throw new Error(`OffsetCommit: errors ${[...new Set(codes)].join(', ')}`)
    }
  }
}

function commitOf(groupId: string, count: number) {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
    partitionIndex,
    committedOffset: 1_000_000 + partitionIndex,
    committedLeaderEpoch: 0,
    committedMetadata: '',
  }))
  return {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    topics: [{ name: TOPIC, partitions }],
  }
}
