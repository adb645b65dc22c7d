import type { FetchAsk } from '../fetch/fetch-context.js'
import type { FetchRows } from '../fetch/fetch-rows.js'
import type { RowsPool } from '../fetch/rows-pool.js'
import type { Reader } from '../protocol/reader.js'
import { UNSET_UUID } from '../protocol/reader.js'

const FLEXIBLE_SINCE = 12
const TOPIC_IDS_SINCE = 13

/** A Fetch request with its partitions as rows. */
export interface FetchRequestView extends FetchAsk {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolationLevel: number
}

type Forgotten = FetchAsk['forgotten'][number]
const NOTHING_FORGOTTEN: readonly Forgotten[] = []

/**
 * Reads what `FetchRequest` describes, v4 to v18, without an object per partition: the schema's own decoder makes a
 * thousand for a fetch of a thousand partitions, and they cost more than finding the bytes. Fields that nobody uses
 * are stepped over.
 */
export function readFetchRequest(reader: Reader, version: number, pool: RowsPool): FetchRequestView {
  const flexible = version >= FLEXIBLE_SINCE
  let replicaId = version <= 14 ? reader.int32() : -1
  const maxWaitMs = reader.int32()
  const minBytes = reader.int32()
  const maxBytes = reader.int32()
  const isolationLevel = reader.int8()
  const sessionId = version >= 7 ? reader.int32() : 0
  const sessionEpoch = version >= 7 ? reader.int32() : -1
  const wishes = pool.take()
  readTopics(reader, version, wishes)
  const forgotten = version >= 7 ? readForgotten(reader, version) : NOTHING_FORGOTTEN
  if (version >= 11) flexible ? reader.compactString() : reader.string()
  if (flexible) replicaId = Math.max(replicaId, readTopTags(reader, version))
  const usesTopicIds = version >= TOPIC_IDS_SINCE
  const privileged = replicaId >= 0
  return {
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel,
    sessionId,
    sessionEpoch,
    usesTopicIds,
    privileged,
    wishes,
    forgotten,
  }
}

function readTopics(reader: Reader, version: number, wishes: FetchRows): void {
  const flexible = version >= FLEXIBLE_SINCE
  const partitionBytesMin = 16 + (version >= 5 ? 8 : 0) + (version >= 9 ? 4 : 0) + (flexible ? 5 : 0)
  for (let left = arrayLength(reader, version, topicBytesMin(version)); left > 0; left--) {
    const named = readTopic(reader, version)
    let more = arrayLength(reader, version, partitionBytesMin)
    // Topics without partitions are not kept: a table has no more of them than rows.
    const topic = more > 0 ? wishes.addTopic(named) : -1
    for (; more > 0; more--) {
      const row = wishes.add(topic, reader.int32())
      const currentLeaderEpoch = version >= 9 ? reader.int32() : -1
      const offset = reader.int64()
      const lastFetchedEpoch = flexible ? reader.int32() : -1
      if (version >= 5) reader.int64()
      wishes.ask(row, offset, reader.int32(), currentLeaderEpoch, lastFetchedEpoch)
      if (flexible) readPartitionTags(reader, version)
    }
    if (flexible) reader.skipTags()
  }
}

function readForgotten(reader: Reader, version: number): readonly Forgotten[] {
  let left = arrayLength(reader, version, topicBytesMin(version))
  if (left === 0) return NOTHING_FORGOTTEN
  const forgotten: Forgotten[] = []
  for (; left > 0; left--) {
    const topic = readTopic(reader, version)
    const partitions: number[] = []
    for (let more = arrayLength(reader, version, 4); more > 0; more--) partitions.push(reader.int32())
    if (version >= FLEXIBLE_SINCE) reader.skipTags()
    forgotten.push({ ...topic, partitions })
  }
  return forgotten
}

/** By how many bytes at least a topic's entry is told apart from a lie about their number. */
function topicBytesMin(version: number): number {
  if (version < FLEXIBLE_SINCE) return 6
  return version < TOPIC_IDS_SINCE ? 3 : 18
}

function readTopic(reader: Reader, version: number) {
  if (version >= TOPIC_IDS_SINCE) return { topic: '', topicId: reader.uuid() }
  const topic = version >= FLEXIBLE_SINCE ? reader.compactString() : reader.string()
  return { topic, topicId: UNSET_UUID }
}

function arrayLength(reader: Reader, version: number, elementBytesMin: number): number {
  const flexible = version >= FLEXIBLE_SINCE
  const count = flexible ? reader.compactArrayLength(elementBytesMin) : reader.arrayLength(elementBytesMin)
  return count < 0 ? reader.refuseNull() : count
}

/** v17 the directory of the fetching replica, v18 its high watermark. */
function readPartitionTags(reader: Reader, version: number): void {
  for (let count = reader.tagCount(); count > 0; count--) {
    const tag = reader.uvarint()
    const outer = reader.enter(reader.uvarint())
    if (tag === 0 && version >= 17) reader.take(16)
    else if (tag === 1 && version >= 18) reader.int64()
    else reader.take(reader.remaining)
    reader.leave(outer)
  }
}

/** The cluster id and, from v15 on, the replica that asks, which is returned; -1 when it is none. */
function readTopTags(reader: Reader, version: number): number {
  let replicaId = -1
  for (let count = reader.tagCount(); count > 0; count--) {
    const tag = reader.uvarint()
    const outer = reader.enter(reader.uvarint())
    if (tag === 0) {
      reader.compactNullableString()
    } else if (tag === 1 && version >= 15) {
      replicaId = reader.int32()
      reader.int64()
      reader.skipTags()
    } else {
      reader.take(reader.remaining)
    }
    reader.leave(outer)
  }
  return replicaId
}
