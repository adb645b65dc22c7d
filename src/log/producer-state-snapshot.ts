import { PRODUCER_BATCHES_KEPT } from './limits.js'
import type { ProducerEntry } from './producer-entry.js'
import type { SnapshotEntry } from './producer-snapshot.js'
import { decrementSequence } from './sequence.js'

/**
 * The producers as of `offset`: of each the last five batches below it that belong to its epoch, or one row without
 * a batch when a marker has raised the epoch since or the producer is known by a marker only.
 */
export function snapshotEntries(
  producers: Iterable<[number, ProducerEntry]>,
  asOf: { readonly offset: number; readonly open: ReadonlyMap<number, number> },
): SnapshotEntry[] {
  const rows: SnapshotEntry[] = []
  for (const [producerId, entry] of producers) {
    const batches = entry.batches.filter((batch) => batch.lastOffset < asOf.offset)
    const marker = entry.markers.findLast(({ offset }) => offset < asOf.offset)
    const producerEpoch = Math.max(batches.at(-1)?.epoch ?? -1, marker?.epoch ?? -1)
    const known = {
      producerId,
      producerEpoch,
      coordinatorEpoch: marker?.coordinatorEpoch ?? -1,
      currentTxnFirstOffset: asOf.open.get(producerId) ?? -1,
    }
    const kept = batches.filter(({ epoch }) => epoch === producerEpoch).slice(-PRODUCER_BATCHES_KEPT)
    for (const { lastSequence, lastOffset, baseOffset, timestamp } of kept) {
      rows.push({ ...known, lastSequence, lastOffset, offsetDelta: lastOffset - baseOffset, timestamp })
    }
    if (kept.length === 0 && marker !== undefined) {
      rows.push({ ...known, lastSequence: -1, lastOffset: -1, offsetDelta: 0, timestamp: marker.timestamp })
    }
  }
  return rows
}

/** Fills the entries that `entryOf` gives for each producer. Its last row tells the epochs. */
export function loadEntries(
  stored: readonly SnapshotEntry[],
  entryOf: (producerId: number) => ProducerEntry,
): void {
  for (const row of stored) {
    const entry = entryOf(row.producerId)
    if (row.lastOffset >= 0) entry.add(batchOf(row), row.lastOffset)
    const { producerEpoch: epoch, coordinatorEpoch, timestamp } = row
    entry.epoch = epoch
    if (coordinatorEpoch >= 0 || row.lastOffset < 0) {
      entry.markers = [{ offset: -1, epoch, coordinatorEpoch, timestamp }]
    }
  }
}

function batchOf({ producerEpoch, lastSequence, lastOffset, offsetDelta, timestamp }: SnapshotEntry) {
  return {
    epoch: producerEpoch,
    firstSequence: lastSequence < 0 ? -1 : decrementSequence(lastSequence, offsetDelta),
    lastSequence,
    baseOffset: lastOffset - offsetDelta,
    lastOffset,
    timestamp,
  }
}
