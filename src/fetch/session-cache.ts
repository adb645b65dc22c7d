import type { Clock } from '../base/clock.js'
import type { Random } from '../base/random.js'
import type { FetchRows } from './fetch-rows.js'
import { SESSION_EVICTION_MS, SESSION_PARTITIONS_MAX } from './limits.js'
import type { RowIndex } from './row-index.js'
import { FetchSession } from './session.js'

/** Ids are positive int32. */
const SESSION_ID_BOUND = 0x7fffffff

interface NewSession {
  readonly usesTopicIds: boolean
  readonly privileged: boolean
}

/**
 * The sessions by id, least recently used first. When all slots are taken a new session gets one
 *
 *   from a session unused for two minutes, else
 *   from a settled session (older than two minutes; for a follower: any consumer's) that is worth less:
 *   a consumer's before a follower's, few partitions before many
 *
 * and else none: the client then keeps sending full requests.
 */
export class SessionCache {
  private readonly sessions = new Map<number, FetchSession>()
  /** Rows, also those that are free since their partitions were forgotten: they keep their memory. */
  private partitionCount = 0

  constructor(
    private readonly outside: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly random: Random },
    private readonly slots: number,
    private readonly partitionsMax = SESSION_PARTITIONS_MAX,
  ) {}

  get size(): number {
    return this.sessions.size
  }

  get(id: number): FetchSession | undefined {
    return this.sessions.get(id)
  }

  /** The rows are the session's when there is one. */
  create(rows: FetchRows, index: RowIndex, traits: NewSession): FetchSession | null {
    const nowMs = this.outside.clock.monotonicMs()
    if (this.slots <= 0 || this.partitionCount + rows.count > this.partitionsMax) return null
    if (this.sessions.size >= this.slots && !this.evictFor(rows.size, traits.privileged, nowMs)) return null
    const session = new FetchSession(this.freeId(), rows, index, { ...traits, createdMs: nowMs })
    this.sessions.set(session.id, session)
    this.partitionCount += rows.count
    return session
  }

  /**
   * The session was used and may have more rows since. One that grew past what all may hold together is closed: its
   * client hears so with its next request and begins anew.
   */
  touch(session: FetchSession, rowsBefore: number): void {
    session.lastUsedMs = this.outside.clock.monotonicMs()
    this.partitionCount += session.rows.count - rowsBefore
    this.sessions.delete(session.id)
    this.sessions.set(session.id, session)
    if (this.partitionCount > this.partitionsMax) this.remove(session.id)
  }

  remove(id: number): void {
    const session = this.sessions.get(id)
    if (session === undefined) return
    this.sessions.delete(id)
    this.partitionCount -= session.rows.count
  }

  private evictFor(size: number, privileged: boolean, nowMs: number): boolean {
    const [oldest] = this.sessions.values()
    if (oldest !== undefined && nowMs - oldest.lastUsedMs > SESSION_EVICTION_MS) {
      this.remove(oldest.id)
      return true
    }
    let least: FetchSession | null = null
    for (const session of this.sessions.values()) {
      const settled = nowMs - session.traits.createdMs > SESSION_EVICTION_MS
      if (!settled && !(privileged && !session.traits.privileged)) continue
      if (least === null || isWorthLess(session, least)) least = session
    }
    if (least === null) return false
    const wins = privileged === least.traits.privileged ? size > least.rows.size : privileged
    if (wins) this.remove(least.id)
    return wins
  }

  private freeId(): number {
    for (;;) {
      const id = 1 + this.outside.random.int(SESSION_ID_BOUND - 1)
      if (!this.sessions.has(id)) return id
    }
  }
}

function isWorthLess(a: FetchSession, b: FetchSession): boolean {
  if (a.traits.privileged !== b.traits.privileged) return !a.traits.privileged
  return a.rows.size < b.rows.size
}
