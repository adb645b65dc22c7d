// What producers were told, and what a reader of committed records may see after that.

/**
 *   open        the producer asked for no commit
 *   asked       a commit is under way
 *   committed   the producer was told so
 *   aborted     the producer never asked for a commit, and has gone on
 *   unknown     a commit was asked for, and the producer gave up without an answer
 */
export type Outcome = 'open' | 'asked' | 'committed' | 'aborted' | 'unknown'

export interface Transaction {
  readonly name: string
  outcome: Outcome
  /** In the order of their acknowledgements, by partition. */
  readonly writes: { readonly text: string; readonly partition: number }[]
  /** What it commits for its producer's group; null when it does not. */
  offset: number | null
}

/** The records of one partition under read_committed, in order. */
export type Seen = readonly string[]

export class Ledger {
  readonly transactions: Transaction[] = []
  private readonly owners = new Map<string, Transaction>()
  private count = 0

  begin(producer: string): Transaction {
    const name = `${producer}-${this.transactions.length}`
    const transaction: Transaction = { name, outcome: 'open', writes: [], offset: null }
    this.transactions.push(transaction)
    return transaction
  }

  /** A text that exists once. It belongs to its transaction whether or not its write is acknowledged. */
  text(transaction: Transaction): string {
    const text = `${transaction.name}#${this.count++}`
    this.owners.set(text, transaction)
    return text
  }

  /** Whatever the moment: nothing twice, nothing that nobody asked to commit, each producer's records in order. */
  atAnyTime(partitions: readonly Seen[]): string[] {
    const findings: string[] = []
    const all = new Set<string>()
    for (const [partition, texts] of partitions.entries()) {
      const last = new Map<string, number>()
      for (const text of texts) {
        const transaction = this.owners.get(text)
        if (transaction === undefined) findings.push(`${text}: nobody wrote it`)
        else if (transaction.outcome === 'open') findings.push(`${text}: read, its transaction is open`)
        else if (transaction.outcome === 'aborted')
          findings.push(`${text}: read, its transaction was aborted`)
        if (all.has(text)) findings.push(`${text}: read twice`)
        all.add(text)
        const [producer = '', order = ''] = [text.split('-')[0], text.split('#')[1]]
        if ((last.get(producer) ?? -1) > Number(order)) findings.push(`${text}: out of order in ${partition}`)
        last.set(producer, Number(order))
      }
    }
    return findings
  }

  /** When no transaction is open any more: what was promised is there, what is there is whole. */
  atTheEnd(partitions: readonly Seen[]): string[] {
    const findings = this.atAnyTime(partitions)
    const sets = partitions.map((texts) => new Set(texts))
    for (const { name, outcome, writes } of this.transactions) {
      const missing = writes.filter(({ text, partition }) => !sets[partition]?.has(text))
      if (outcome === 'committed') {
        for (const { text } of missing) findings.push(`${text}: lost, its transaction was committed`)
      } else if (outcome === 'unknown' && missing.length > 0 && missing.length < writes.length) {
        findings.push(`${name}: torn, ${missing.length} of ${writes.length} records are missing`)
      }
    }
    return findings
  }

  /** Of one producer's group. A transaction of unknown outcome may have committed its offset or not. */
  allowedOffsets(producer: string): ReadonlySet<number> {
    const allowed = new Set<number>()
    for (const { name, outcome, offset } of this.transactions) {
      if (!name.startsWith(`${producer}-`) || offset === null) continue
      if (outcome === 'committed') allowed.clear()
      if (outcome === 'committed' || outcome === 'unknown') allowed.add(offset)
    }
    const certain = this.transactions.some(
      ({ name, outcome, offset }) =>
        name.startsWith(`${producer}-`) && offset !== null && outcome === 'committed',
    )
    if (!certain) allowed.add(-1)
    return allowed
  }
}
