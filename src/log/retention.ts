import type { SegmentInfo } from '../native/engine.js'
import type { LogConfig } from './log-config.js'

interface RetentionFacts {
  readonly config: Pick<LogConfig, 'retentionMs' | 'retentionBytes' | 'cleanupPolicy'>
  readonly nowMs: number
  readonly highWatermark: number
}

/**
 * Where the log should begin: after the oldest segments that, one after the other,
 *
 *   hold no record younger than `retention.ms` (by record timestamp, else by file time), or
 *   are not needed to keep `retention.bytes`.
 *
 * Only below the high watermark, and only under the delete policy. -1 when nothing is to go. The answer can be
 * the end of the log: then the active segment goes too and has to be rolled first.
 */
export function retentionStart(segments: readonly SegmentInfo[], facts: RetentionFacts): number {
  const { config, highWatermark } = facts
  if (!config.cleanupPolicy.has('delete')) return -1
  let surplus = config.retentionBytes < 0 ? -1 : totalBytes(segments) - config.retentionBytes
  let start = -1
  for (const [index, segment] of segments.entries()) {
    const end = segments[index + 1]?.baseOffset ?? highWatermark
    if (end > highWatermark || end === segment.baseOffset) break
    const needless = surplus >= 0 && surplus - segment.sizeBytes >= 0
    if (!needless && !isExpired(segment, facts)) break
    surplus -= segment.sizeBytes
    start = end
  }
  return start
}

function totalBytes(segments: readonly SegmentInfo[]): number {
  return segments.reduce((sum, segment) => sum + segment.sizeBytes, 0)
}

function isExpired(segment: SegmentInfo, { config, nowMs }: RetentionFacts): boolean {
  if (config.retentionMs < 0) return false
  const youngest = segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.lastModifiedMs
  return nowMs - youngest > config.retentionMs
}
