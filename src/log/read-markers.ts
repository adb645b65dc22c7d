import { assert } from '../base/assert.js'
import * as header from '../protocol/records/batch-header.js'
import { parseMarker, type TransactionMarker } from './control-batch.js'
import { MARKER_READ_BYTES_MAX } from './limits.js'
import type { Partition } from './partition.js'

/**
 * The transaction markers among these headers by offset. Whether one commits or aborts stands in its record, so its
 * batch is read; markers that lie close together are read at once.
 */
export async function readMarkers(
  partition: Partition,
  headers: Buffer,
): Promise<Map<number, TransactionMarker>> {
  const markers = new Map<number, TransactionMarker>()
  for (let at = 0; at < headers.length; ) {
    if (!isMarker(headers, at)) {
      at += header.BATCH_HEADER_SIZE
      continue
    }
    const run = runFrom(headers, at)
    // One read ends with its segment at the latest.
    for (let offset = header.baseOffset(headers, at); offset < run.endOffset; ) {
      const bytes = await partition.services.engine.readBytes(partition.log, offset, run.endOffset, run.bytes)
      const next = collect(bytes, markers)
      assert(next > offset, 'what has a header can be read')
      offset = next
    }
    at = run.next
  }
  return markers
}

/** From the marker at `at` to the last marker within one read. */
function runFrom(headers: Buffer, at: number) {
  let run = { bytes: 0, endOffset: 0, next: at }
  let bytes = 0
  for (let i = at; i < headers.length; i += header.BATCH_HEADER_SIZE) {
    bytes += header.batchSize(headers, i)
    if (bytes > MARKER_READ_BYTES_MAX && i > at) break
    if (isMarker(headers, i)) {
      run = { bytes, endOffset: header.lastOffset(headers, i) + 1, next: i + header.BATCH_HEADER_SIZE }
    }
  }
  return run
}

/** Returns the offset after the last batch, -1 when there is none. */
function collect(bytes: Buffer, markers: Map<number, TransactionMarker>): number {
  let next = -1
  for (let at = 0; ; ) {
    const end = header.batchEnd(bytes, at, bytes.length)
    if (end < 0) return next
    next = header.lastOffset(bytes, at) + 1
    if (isMarker(bytes, at)) {
      const marker = parseMarker(bytes, at)
      if (marker !== null) markers.set(header.baseOffset(bytes, at), marker)
    }
    at = end
  }
}

function isMarker(buffer: Buffer, at: number): boolean {
  return header.isControl(buffer, at) && header.producerId(buffer, at) >= 0
}
