import { ErrorCode } from '../protocol/errors.js'
import type { FetchRows, FetchTopic } from './fetch-rows.js'
import { ROWS_KEPT_MAX } from './limits.js'
import { RowIndex } from './row-index.js'
import type { RowsPool } from './rows-pool.js'
import { type FetchSession, nextSessionEpoch, SessionEpoch } from './session.js'
import type { SessionCache } from './session-cache.js'

export interface FetchAsk {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly usesTopicIds: boolean
  /** From a follower. */
  readonly privileged: boolean
  /** From the pool; the context's from now on. */
  readonly wishes: FetchRows
  readonly forgotten: readonly (FetchTopic & { readonly partitions: readonly number[] })[]
}

/** Some rows of a fetch. */
export class RowList {
  count = 0
  /** What lies behind the count is left from before. */
  readonly rows: number[] = []

  /** Keeps its memory, unless that of an unusually large request. */
  clear(): void {
    this.count = 0
    if (this.rows.length > ROWS_KEPT_MAX) this.rows.length = 0
  }

  push(row: number): void {
    this.rows[this.count++] = row
  }
}

/**
 * What one request fetches, by session id and epoch:
 *
 *   id    epoch   meaning
 *   any   0       full; a session is tried for, an old one of that id is closed
 *   any   -1      full without a session; an old one of that id is closed
 *   n     e > 0   incremental: the session's partitions with the changes in the request; e must be the session's
 *
 * A session whose last partition was forgotten ends.
 */
export class FetchContext {
  private constructor(
    private readonly rooms: { readonly cache: SessionCache; readonly pool: RowsPool },
    private readonly traits: { readonly usesTopicIds: boolean; readonly privileged: boolean },
    private readonly kind: 'sessionless' | 'full' | 'incremental',
    readonly rows: FetchRows,
    private readonly index: RowIndex | null,
    private readonly session: FetchSession | null,
  ) {}

  /** An ErrorCode when the session cannot be used as asked. */
  static open(cache: SessionCache, pool: RowsPool, ask: FetchAsk): FetchContext | ErrorCode {
    const { sessionId, sessionEpoch, usesTopicIds, privileged, wishes } = ask
    const rooms = { cache, pool }
    const traits = { usesTopicIds, privileged }
    if (sessionEpoch === SessionEpoch.initial || sessionEpoch === SessionEpoch.final) {
      cache.remove(sessionId)
      if (sessionEpoch === SessionEpoch.final) {
        return new FetchContext(rooms, traits, 'sessionless', wishes, null, null)
      }
      const index = new RowIndex(wishes)
      index.addAll()
      return new FetchContext(rooms, traits, 'full', wishes, index, null)
    }
    const session = updated(cache, ask)
    if (typeof session === 'number' || session.rows.size > 0) pool.give(wishes)
    if (typeof session === 'number') return session
    if (session.rows.size === 0) {
      cache.remove(session.id)
      return new FetchContext(rooms, traits, 'sessionless', wishes, null, null)
    }
    session.epoch = nextSessionEpoch(session.epoch)
    return new FetchContext(rooms, traits, 'incremental', session.rows, null, session)
  }

  /**
   * Gives the rows the answer has to name, in the order of serving, each marked as sent, and returns the session id of
   * the answer, 0 for none. Called once, when the answer is made: the rows may be read until the next request.
   */
  answer(named: RowList): number {
    const { rows, session, kind } = this
    const everything = kind !== 'incremental'
    named.clear()
    for (let row = rows.first; row >= 0; row = rows.next(row)) {
      if (everything || rows.changed(row)) named.push(row)
    }
    for (let i = 0; i < named.count; i++) {
      const row = named.rows[i] as number
      rows.markSent(row)
      if (session !== null && rows.length(row) > 0) rows.moveToEnd(row)
    }
    if (session !== null) return session.id
    return this.created()?.id ?? 0
  }

  /** The request ends without an answer. */
  cancel(): void {
    if (this.kind !== 'incremental') this.rooms.pool.give(this.rows)
  }

  private created(): FetchSession | null {
    const { cache, pool } = this.rooms
    const { rows, index, traits } = this
    const session = index === null ? null : cache.create(rows, index, traits)
    if (session === null) pool.give(rows)
    return session
  }
}

/** The session with the changes of the request, or why it cannot be used. */
function updated(cache: SessionCache, ask: FetchAsk): FetchSession | ErrorCode {
  const session = cache.get(ask.sessionId)
  if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
  if (session.epoch !== ask.sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH
  if (session.traits.usesTopicIds !== ask.usesTopicIds) return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
  const rowsBefore = session.rows.count
  session.index.update(ask.wishes)
  for (const { topic, topicId, partitions } of ask.forgotten) {
    session.index.forget({ topic, topicId }, partitions)
  }
  cache.touch(session, rowsBefore)
  return session
}
