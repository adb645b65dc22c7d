// What readers of committed records may see of one partition: every record with its transaction.

import type { CommittedFetch } from './committed-reader.js'

export interface ModelTransaction {
  readonly producerId: number
  readonly firstOffset: number
  lastOffset: number
  state: 'open' | 'commit' | 'abort'
}

export interface ModelRecord {
  readonly offset: number
  readonly key: string
  readonly text: string
  /** Null for a record of no transaction. */
  readonly transaction: ModelTransaction | null
}

export class CommittedModel {
  private readonly records: ModelRecord[] = []
  private readonly transactions = new Set<ModelTransaction>()

  add(record: ModelRecord): void {
    this.records.push(record)
    if (record.transaction !== null) this.transactions.add(record.transaction)
  }

  /** The oldest open transaction stands before what is stable; the log's start may have passed its beginning. */
  lastStableOffset({ high, start }: { readonly high: number; readonly start: number }): number {
    const open = [...this.transactions].filter(({ state }) => state === 'open')
    return Math.min(high, ...open.map(({ firstOffset }) => Math.max(firstOffset, start)))
  }

  /**
   * What is wrong with a fetch from `offset`, null for nothing. Of a compacted topic a record may be missing when a
   * later committed one has its key.
   */
  fault(
    offset: number,
    fetched: CommittedFetch,
    { compacted }: { readonly compacted: boolean },
  ): string | null {
    const { offsets, next, aborted, records } = fetched
    const stable = this.lastStableOffset(offsets)
    if (offsets.stable !== stable) return `last stable offset ${offsets.stable}, not ${stable}`
    if (next === offset && offset < stable) return 'nothing, below the last stable offset'
    if (next > Math.max(stable, offset)) return `batches up to ${next}, past the last stable offset ${stable}`
    const seen = new Map(records.map((record) => [record.offset, record.text]))
    const visible = this.visible(stable)
    for (const record of visible) {
      if (record.offset < offset || record.offset >= next) continue
      if (seen.get(record.offset) === record.text) seen.delete(record.offset)
      else if (!compacted || !isSuperseded(record, visible))
        return `${record.text} is missing at ${record.offset}`
    }
    if (seen.size > 0) return `records that nobody committed: ${[...seen].join(' ')}`
    for (const { producerId, firstOffset } of aborted) {
      if (!this.wasAborted(producerId, firstOffset)) return `${producerId} aborted nothing at ${firstOffset}`
    }
    return null
  }

  /** Committed and below `stable`, had nothing been taken out. */
  visible(stable: number): ModelRecord[] {
    return this.records.filter(
      ({ offset, transaction }) =>
        offset < stable && (transaction === null || transaction.state === 'commit'),
    )
  }

  /** An index made anew begins with the first batch that is left of a transaction. */
  private wasAborted(producerId: number, offset: number): boolean {
    return [...this.transactions].some(
      ({ state, firstOffset, lastOffset, ...each }) =>
        state === 'abort' && each.producerId === producerId && firstOffset <= offset && offset <= lastOffset,
    )
  }
}

function isSuperseded({ key, offset }: ModelRecord, visible: readonly ModelRecord[]): boolean {
  return visible.some((other) => other.key === key && other.offset > offset)
}
