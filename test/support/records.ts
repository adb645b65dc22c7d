import { type BatchOptions, buildBatch, type RecordInput } from '../../src/protocol/records/batch-builder.js'
import { readBatches } from '../../src/protocol/records/batch-reader.js'

/** One batch of text records. */
export function batchOf(
  values: readonly string[],
  extra: Partial<RecordInput> = {},
  options: BatchOptions = {},
): Buffer {
  return buildBatch(
    values.map((value) => ({ key: null, value: Buffer.from(value), timestamp: 1_700_000_000_000, ...extra })),
    options,
  )
}

/** Offset and text of every record of whole batches. */
export function textsOf(bytes: Buffer): [number, string][] {
  return [...readBatches(bytes)].map(({ offset, value }) => [offset, String(value)])
}
