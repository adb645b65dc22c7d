// What opening a log takes and gives; a part of `engine.ts`.

export interface LogOptions {
  /** Segment size limit, `segment.bytes`. */
  readonly segmentBytes: number
  /** Segment age limit by record timestamps, `segment.ms` less jitter. */
  readonly segmentMs: number
  readonly indexIntervalBytes: number
  readonly segmentIndexBytes: number
  /** fdatasync before an append counts as written, every so many records (`flush.messages`). */
  readonly flushMessages: number
}

export interface OpenLogOptions extends LogOptions {
  /** Absolute path of the partition directory; created when missing. */
  readonly directory: string
  readonly logStartOffset: number
  /** Segments at or above this offset are scanned; Number.MAX_SAFE_INTEGER after a clean stop. */
  readonly recoveryPoint: number
  /**
   * Gaps between segments below it may be compaction's, and those behind a segment with gaps inside; everything
   * behind another one is cut off after a crash. 0 when the log was never compacted.
   */
  readonly compactedBelow: number
  /** Text files of the directory whose contents come with the answer. */
  readonly smallFiles: readonly string[]
  /** What the first of them must say where it exists, or null. Else nothing is changed and the answer is EEXIST. */
  readonly expected: string | null
}

export interface OpenedLog {
  readonly log: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly segmentCount: number
  readonly sizeBytes: number
  /** Bytes cut from a torn tail and segments that were scanned. */
  readonly truncatedBytes: number
  readonly recoveredSegments: number
  /** As asked for; null where the file is missing, or larger than 64 KB. */
  readonly smallFiles: readonly (string | null)[]
  /** Files of the directory that are neither a log nor its two indexes. */
  readonly otherFiles: readonly string[]
  readonly scanned: ScannedTail | null
}

/** What the batches say that were scanned at open, which the last ones are among. */
export interface ScannedTail {
  /** Every batch from here on was looked at. */
  readonly from: number
  /** None of them is of a producer with an id or of an old format, and `epochs` is complete. */
  readonly plain: boolean
  /** Leader epochs in their order, each with the first offset it was seen at: two numbers each. */
  readonly epochs: readonly number[]
}
