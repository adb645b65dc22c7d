import { ErrorCode } from '../protocol/errors.js'
import { FetchPartition, type FetchWish, fetchKey } from './fetch-partition.js'
import { type FetchSession, nextSessionEpoch, SessionEpoch } from './session.js'
import type { SessionCache } from './session-cache.js'

interface WishedTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: readonly FetchWish[]
}

export interface FetchAsk {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly usesTopicIds: boolean
  /** From a follower. */
  readonly privileged: boolean
  readonly topics: readonly WishedTopic[]
  readonly forgotten: readonly { topic: string; topicId: string; partitions: readonly number[] }[]
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
    private readonly cache: SessionCache,
    private readonly ask: FetchAsk,
    private readonly kind: 'sessionless' | 'full' | 'incremental',
    private readonly wanted: readonly FetchPartition[] | Map<string, FetchPartition>,
    private readonly session: FetchSession | null,
  ) {}

  get size(): number {
    return Array.isArray(this.wanted) ? this.wanted.length : (this.wanted as Map<string, FetchPartition>).size
  }

  /** In the order of serving. */
  [Symbol.iterator](): Iterator<FetchPartition> {
    return this.wanted.values()
  }

  /** An ErrorCode when the session cannot be used as asked. */
  static open(cache: SessionCache, ask: FetchAsk): FetchContext | ErrorCode {
    const { sessionId, sessionEpoch } = ask
    if (sessionEpoch === SessionEpoch.initial || sessionEpoch === SessionEpoch.final) {
      cache.remove(sessionId)
      if (sessionEpoch === SessionEpoch.final) return FetchContext.sessionless(cache, ask)
      const partitions = new Map(wished(ask).map((partition) => [partition.key, partition]))
      return new FetchContext(cache, ask, 'full', partitions, null)
    }
    const session = cache.get(sessionId)
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    if (session.epoch !== sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH
    if (session.traits.usesTopicIds !== ask.usesTopicIds) return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
    const sizeBefore = session.partitions.size
    update(session, ask)
    cache.touch(session, sizeBefore)
    if (session.partitions.size === 0) {
      cache.remove(session.id)
      return FetchContext.sessionless(cache, ask)
    }
    session.epoch = nextSessionEpoch(session.epoch)
    return new FetchContext(cache, ask, 'incremental', session.partitions, session)
  }

  private static sessionless(cache: SessionCache, ask: FetchAsk): FetchContext {
    return new FetchContext(cache, ask, 'sessionless', wished(ask), null)
  }

  /** Those the answer has to name, in the order of serving, each marked as sent. */
  answer(): FetchPartition[] {
    const named: FetchPartition[] = []
    const everything = this.kind !== 'incremental'
    for (const partition of this) {
      if (everything || partition.changed) named.push(partition)
    }
    for (const partition of named) {
      partition.sent()
      if (this.session !== null && partition.result.length > 0) this.session.served(partition)
    }
    return named
  }

  /** The session id of the answer, 0 for none. Call it once, when the answer is made. */
  sessionId(): number {
    if (this.kind === 'incremental') return this.session?.id ?? 0
    if (this.kind === 'sessionless') return 0
    return this.cache.create(this.wanted as Map<string, FetchPartition>, this.ask)?.id ?? 0
  }
}

function wished({ topics }: FetchAsk): FetchPartition[] {
  const partitions: FetchPartition[] = []
  for (const { topic, topicId, partitions: wishes } of topics) {
    for (const wish of wishes) partitions.push(new FetchPartition(topic, topicId, wish))
  }
  return partitions
}

function update(session: FetchSession, ask: FetchAsk): void {
  for (const { topic, topicId, partitions } of ask.topics) {
    for (const wish of partitions) {
      const key = fetchKey(topic, topicId, wish.partition)
      const known = session.partitions.get(key)
      if (known === undefined) session.partitions.set(key, new FetchPartition(topic, topicId, wish))
      else known.update(wish)
    }
  }
  for (const { topic, topicId, partitions } of ask.forgotten) {
    for (const partition of partitions) session.partitions.delete(fetchKey(topic, topicId, partition))
  }
}
