// What a compacted partition must hold, may hold and must not hold any more, as Kafka's documentation has it.

export interface ModelRecord {
  readonly offset: number
  readonly key: string
  readonly value: string | null
  /** Null for a record outside of transactions. */
  readonly transaction: { state: 'open' | 'commit' | 'abort' } | null
}

export interface Found {
  readonly offset: number
  readonly key: string
  readonly value: string | null
}

export class CompactionModel {
  readonly records = new Map<number, ModelRecord>()

  add(record: ModelRecord): void {
    this.records.set(record.offset, record)
  }

  /**
   * Why these are not the records of the log, or null. `cleanOffset` is what the cleaner had checkpointed before they
   * were read, `cleanOffsetMax` what it can have reached when that ended. Deletions need not be there any more where
   * they are `passing`.
   */
  fault(
    found: readonly Found[],
    facts: { cleanOffset: number; cleanOffsetMax: number; passing: boolean },
  ): string | null {
    const seen = new Set<number>()
    let last = -1
    for (const { offset, key, value } of found) {
      if (offset <= last) return `offset ${offset} comes after ${last}`
      last = offset
      const written = this.records.get(offset)
      if (written?.key !== key || written.value !== value) return `offset ${offset} holds ${key}=${value}`
      seen.add(offset)
    }
    const newest = this.newest(facts.cleanOffsetMax)
    for (const record of this.records.values()) {
      const problem = this.judge(record, newest.get(record.key) === record, seen.has(record.offset), facts)
      if (problem !== null) return `offset ${record.offset}, ${record.key}=${record.value}: ${problem}`
    }
    return null
  }

  private judge(
    { offset, value, transaction }: ModelRecord,
    newest: boolean,
    there: boolean,
    facts: { cleanOffset: number; cleanOffsetMax: number; passing: boolean },
  ): string | null {
    const aborted = transaction?.state === 'abort'
    if (offset >= facts.cleanOffsetMax) return there ? null : 'is missing, and no round may have looked at it'
    if (newest && !aborted) {
      const passed = value === null && facts.passing
      return there || passed ? null : 'is missing, though it is the newest of its key'
    }
    if (!there || offset >= facts.cleanOffset) return null
    if (aborted) return 'is there, though its transaction was aborted and cleaned'
    return this.supersededBelow(offset, facts.cleanOffset) ? 'is there, though a newer one was cleaned' : null
  }

  /** The last record of each key that a round up to this offset would keep. */
  private newest(end: number): Map<string, ModelRecord> {
    const newest = new Map<string, ModelRecord>()
    const below = [...this.records.values()].filter(({ offset }) => offset < end)
    for (const record of below.sort((a, b) => a.offset - b.offset)) {
      if (record.transaction?.state !== 'abort') newest.set(record.key, record)
    }
    return newest
  }

  private supersededBelow(offset: number, cleanOffset: number): boolean {
    const key = this.records.get(offset)?.key
    for (const other of this.records.values()) {
      const counts = other.key === key && other.transaction?.state !== 'abort'
      if (counts && other.offset > offset && other.offset < cleanOffset) return true
    }
    return false
  }
}
