import type { TimestampHit } from '../native/engine.js'
import { ProtocolError } from '../protocol/protocol-error.js'
import * as header from '../protocol/records/batch-header.js'
import { type DecodedRecord, readBatch } from '../protocol/records/batch-reader.js'
import { DECOMPRESSED_BYTES_MAX } from './limits.js'
import type { Partition } from './partition.js'
import { Isolation } from './read.js'
import { CodecId } from './records-codec.js'

/** ListOffsets' timestamps with a meaning of their own. */
export const SpecialTimestamp = {
  latest: -1,
  earliest: -2,
  max: -3,
  earliestLocal: -4,
  latestTiered: -5,
  earliestPendingUpload: -6,
} as const

export interface OffsetQuery {
  readonly timestamp: number
  readonly isolation: number
}

export interface TimestampOffset {
  readonly timestamp: number
  readonly offset: number
  readonly leaderEpoch: number
}

/** A hit inside a compressed batch carries a copy of it, because the engine does not decompress. */
type Hit = TimestampHit & { readonly batch?: Buffer | null }

/**
 *   -1 latest            the end a consumer of this isolation sees
 *   -2 earliest, -4      the log start; all of the log is local
 *   -3 max               the record with the largest timestamp
 *   -5, -6               -1: nothing is tiered
 *   otherwise            the first record at or after the timestamp
 */
export async function findOffset(partition: Partition, query: OffsetQuery): Promise<TimestampOffset | null> {
  const { engine } = partition.services
  const bound =
    query.isolation === Isolation.readCommitted ? partition.lastStableOffset : partition.highWatermark
  const { logStartOffset, epochs } = partition
  switch (query.timestamp) {
    case SpecialTimestamp.latest:
      return { timestamp: -1, offset: bound, leaderEpoch: epochs.latest }
    case SpecialTimestamp.earliest:
    case SpecialTimestamp.earliestLocal:
      return { timestamp: -1, offset: logStartOffset, leaderEpoch: epochs.epochAt(logStartOffset) }
    case SpecialTimestamp.latestTiered:
    case SpecialTimestamp.earliestPendingUpload:
      return { timestamp: -1, offset: -1, leaderEpoch: -1 }
    case SpecialTimestamp.max:
      return exact(partition, await engine.findMaxTimestamp(partition.log, bound), latestOf)
    default: {
      const hit = await engine.findTimestamp(partition.log, query.timestamp, bound)
      return exact(partition, hit, (records) => firstAtOrAfter(records, query.timestamp, logStartOffset))
    }
  }
}

type Choose = (records: Iterable<DecodedRecord>) => DecodedRecord | null

async function exact(partition: Partition, hit: Hit | null, choose: Choose): Promise<TimestampOffset | null> {
  if (hit === null) return null
  const { timestamp, offset, leaderEpoch, batch } = hit
  if (batch === undefined || batch === null) return { timestamp, offset, leaderEpoch }
  const records = await recordsOf(partition, batch)
  const found = choose(readBatch(batch, 0, records))
  return found && { timestamp: found.timestamp, offset: found.offset, leaderEpoch }
}

async function recordsOf({ services, name }: Partition, batch: Buffer): Promise<Buffer> {
  const codecId = header.codecId(batch, 0)
  const body = batch.subarray(header.BATCH_HEADER_SIZE, header.batchSize(batch, 0))
  if (codecId === CodecId.none) return body
  try {
    return await services.codec.decompress(codecId, body, DECOMPRESSED_BYTES_MAX)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProtocolError('INVALID_RECORD', `a batch of ${name} cannot be decompressed: ${reason}`)
  }
}

function firstAtOrAfter(
  records: Iterable<DecodedRecord>,
  timestamp: number,
  logStartOffset: number,
): DecodedRecord | null {
  for (const record of records) {
    if (record.timestamp >= timestamp && record.offset >= logStartOffset) return record
  }
  return null
}

/** The first of those that share the largest timestamp. */
function latestOf(records: Iterable<DecodedRecord>): DecodedRecord | null {
  let latest: DecodedRecord | null = null
  for (const record of records) if (latest === null || record.timestamp > latest.timestamp) latest = record
  return latest
}
