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
    readonly partitions: Map<string, FetchPartition>,
    private readonly session: FetchSession | null,
  ) {}

  /** An ErrorCode when the session cannot be used as asked. */
  static open(cache: SessionCache, ask: FetchAsk): FetchContext | ErrorCode {
    const { sessionId, sessionEpoch } = ask
    if (sessionEpoch === SessionEpoch.initial || sessionEpoch === SessionEpoch.final) {
      cache.remove(sessionId)
      const kind = sessionEpoch === SessionEpoch.initial ? 'full' : 'sessionless'
      return new FetchContext(cache, ask, kind, wished(ask), null)
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
      return new FetchContext(cache, ask, 'sessionless', wished(ask), null)
    }
    session.epoch = nextSessionEpoch(session.epoch)
    return new FetchContext(cache, ask, 'incremental', session.partitions, session)
  }

  /** Those the answer has to name, in the order of serving, each marked as sent. */
  answer(): FetchPartition[] {
    const named: FetchPartition[] = []
    const everything = this.kind !== 'incremental'
    for (const partition of this.partitions.values()) {
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
    return this.cache.create(this.partitions, this.ask)?.id ?? 0
  }
}

function wished({ topics }: FetchAsk): Map<string, FetchPartition> {
  const partitions = new Map<string, FetchPartition>()
  for (const { topic, topicId, partitions: wishes } of topics) {
    for (const wish of wishes) {
      const partition = new FetchPartition(topic, topicId, wish)
      partitions.set(partition.key, partition)
    }
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
