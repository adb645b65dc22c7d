import type { SegmentInfo } from '../../native/engine.js'
import type { LogConfig } from '../log-config.js'

/** What is known of a compacted log before it is decided whether to clean it. */
export interface CleanFacts {
  /** Ascending; the last one is active. */
  readonly segments: readonly SegmentInfo[]
  /** The checkpoint of the last round, -1 when there is none. */
  readonly cleanOffset: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly lastStableOffset: number
  readonly config: Pick<LogConfig, 'minCompactionLagMs'>
  readonly nowMs: number
}

export interface Cleanable {
  readonly firstDirtyOffset: number
  /** The boundary of the first segment that must stay as it is. */
  readonly firstUncleanableOffset: number
  readonly cleanBytes: number
  /** Bytes between the two offsets. */
  readonly cleanableBytes: number
  /** Dirty part of what a round would read, 0 to 1. */
  readonly ratio: number
}

/**
 * The part of the log a round may clean, as Kafka measures it: from the checkpoint, or from the start where that is
 * not inside the log any more, up to the first of
 *
 *   the active segment
 *   the segment that holds the last stable offset
 *   the first dirty segment with a record younger than `min.compaction.lag.ms`
 */
export function cleanableOf(facts: CleanFacts): Cleanable {
  const { segments, lastStableOffset } = facts
  const firstDirtyOffset = dirtyFrom(facts)
  const active = segments.at(-1)?.baseOffset ?? 0
  const uncleanable = Math.min(active, lastStableOffset, youngFrom(facts, firstDirtyOffset))
  const firstUncleanableOffset =
    segments.findLast(({ baseOffset }) => baseOffset <= uncleanable)?.baseOffset ?? 0
  let cleanBytes = 0
  let cleanableBytes = 0
  for (const [index, { baseOffset, sizeBytes }] of segments.entries()) {
    const end = segments[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    if (baseOffset >= firstUncleanableOffset) break
    if (end <= firstDirtyOffset) cleanBytes += sizeBytes
    else cleanableBytes += sizeBytes
  }
  const ratio = cleanableBytes === 0 ? 0 : cleanableBytes / (cleanBytes + cleanableBytes)
  return { firstDirtyOffset, firstUncleanableOffset, cleanBytes, cleanableBytes, ratio }
}

/** Base offsets of dirty closed segments, whose first records tell how long they wait for a round. */
export function dirtySegments(facts: CleanFacts): number[] {
  const from = dirtyFrom(facts)
  return facts.segments
    .slice(0, -1)
    .filter((_, index) => (facts.segments[index + 1]?.baseOffset ?? 0) > from)
    .map(({ baseOffset }) => baseOffset)
}

function dirtyFrom({ cleanOffset, logStartOffset, logEndOffset }: CleanFacts): number {
  return cleanOffset < logStartOffset || cleanOffset > logEndOffset ? logStartOffset : cleanOffset
}

function youngFrom({ segments, config, nowMs }: CleanFacts, firstDirtyOffset: number): number {
  if (config.minCompactionLagMs <= 0) return Number.POSITIVE_INFINITY
  const young = segments.find(
    (segment, index) =>
      (segments[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY) > firstDirtyOffset &&
      timestampOf(segment) > nowMs - config.minCompactionLagMs,
  )
  return young?.baseOffset ?? Number.POSITIVE_INFINITY
}

function timestampOf({ maxTimestamp, lastModifiedMs }: SegmentInfo): number {
  return maxTimestamp >= 0 ? maxTimestamp : lastModifiedMs
}
