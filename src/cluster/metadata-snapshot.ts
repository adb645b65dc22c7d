/*
 * A snapshot of the metadata log, as Kafka's controller leaves it beside the segments:
 *
 *   <20-digit end offset>-<10-digit epoch>.checkpoint
 *
 * Its content is record batches like those of the log, with a control batch at both ends. It stands for all records
 * below its end offset, which the log may have dropped. Files with a further suffix are unfinished or deleted.
 * This broker reads snapshots and writes none: it keeps its whole log.
 */
const NAME = /^(\d{20})-(\d{10})\.checkpoint$/

export interface MetadataSnapshot {
  readonly endOffset: number
  readonly content: Buffer
}

/** The name of the newest snapshot, and the offset from which the log continues it. */
export function newestSnapshot(names: readonly string[]): { name: string; endOffset: number } | null {
  let newest: { name: string; endOffset: number } | null = null
  for (const name of names) {
    const match = NAME.exec(name)
    if (match === null) continue
    const endOffset = Number(match[1])
    if (newest === null || endOffset > newest.endOffset) newest = { name, endOffset }
  }
  return newest
}
