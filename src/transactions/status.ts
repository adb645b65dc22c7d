/** Kafka's numbers, as stored. */
export const TransactionStatus = {
  Empty: 0,
  Ongoing: 1,
  PrepareCommit: 2,
  PrepareAbort: 3,
  CompleteCommit: 4,
  CompleteAbort: 5,
  Dead: 6,
} as const
export type TransactionStatus = (typeof TransactionStatus)[keyof typeof TransactionStatus]

const { Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, Dead } = TransactionStatus

/*
 *   Empty            a producer got its id; no transaction yet
 *   Ongoing          partitions were added
 *   Prepare…         the outcome is stored and can no longer change; markers are being written
 *   Complete…        every marker is written
 *   Dead             expired; stored as a tombstone
 *
 * Empty and the Complete states reach PrepareAbort because a client of transaction version 2 cannot know whether
 * anything of its transaction arrived, and aborts to get its next epoch.
 */
const idle: readonly TransactionStatus[] = [Empty, CompleteCommit, CompleteAbort]
const previous: Record<TransactionStatus, readonly TransactionStatus[]> = {
  [Empty]: idle,
  [Ongoing]: [Ongoing, ...idle],
  [PrepareCommit]: [Ongoing],
  [PrepareAbort]: [Ongoing, ...idle],
  [CompleteCommit]: [PrepareCommit],
  [CompleteAbort]: [PrepareAbort],
  [Dead]: idle,
}

export function isLegalTransition(from: TransactionStatus, to: TransactionStatus): boolean {
  return previous[to].includes(from)
}

/** No transaction is open and none is being ended: the id may expire, or begin anew. */
export function isIdle(status: TransactionStatus): boolean {
  return idle.includes(status)
}

export function isPrepared(status: TransactionStatus): boolean {
  return status === PrepareCommit || status === PrepareAbort
}

const names = new Map<TransactionStatus, string>(
  Object.entries(TransactionStatus).map(([name, status]) => [status, name]),
)

export function statusName(status: TransactionStatus): string {
  return names.get(status) as string
}

export function isStatusName(name: string): boolean {
  return Object.hasOwn(TransactionStatus, name)
}

export function isStatus(value: number): value is TransactionStatus {
  return names.has(value as TransactionStatus)
}
