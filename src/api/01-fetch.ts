import { FetchContext } from '../fetch/fetch-context.js'
import { readPartitions } from '../fetch/fetch-read.js'
import type { SessionCache } from '../fetch/session-cache.js'
import { FetchWaiter } from '../fetch/waiter.js'
import type { LogManager } from '../log/log-manager.js'
import { ApiKey } from '../protocol/api-key.js'
import type { ErrorCode } from '../protocol/errors.js'
import { FetchRequest, FetchResponse } from '../protocol/messages/fetch.js'
import { api, type RequestContext } from './api.js'
import { ClientPartitions } from './client-partitions.js'
import { type FetchAnswer, fetchAnswer, fetchError } from './fetch-answer.js'

interface Rooms {
  readonly logs: LogManager
  readonly sessions: SessionCache
  /** `fetch.max.bytes`; read per request, for it can change. */
  readonly limits: { readonly fetchBytesMax: number }
}

/*
 * Fetch v4-v18. v5 log start offsets; v7 sessions; v9 leader epochs; v11 preferred replica; v12 diverging epochs,
 * flexible; v13 topics by id; v15 replica state; v18 high watermark of the fetcher.
 *
 * Answered at once when there are bytes enough, an error, a diverging epoch, or nothing to wait for; else when the
 * partitions have gained what is missing or the time is over, whichever comes first.
 */
export const fetch = ({ logs, sessions, limits }: Rooms) => {
  const source = new ClientPartitions(logs)
  return api({
    key: ApiKey.Fetch,
    min: 4,
    max: 18,
    request: FetchRequest,
    response: FetchResponse,
    handle(request, context) {
      const opened = openContext(sessions, request, context.apiVersion)
      if (typeof opened === 'number') return fetchError(opened)
      const bytesMax = Math.min(request.maxBytes, limits.fetchBytesMax)
      const bounds = { bytesMax, isolation: request.isolationLevel }
      const { apiVersion } = context
      const answer = () => fetchAnswer(opened, { apiVersion, isolation: bounds.isolation })
      const { bytes, urgent } = readPartitions(source, opened, bounds)
      const bytesMissing = Math.min(request.minBytes, bytesMax) - bytes
      const waits = request.maxWaitMs > 0 && opened.size > 0
      if (bytesMissing <= 0 || urgent || !waits) return answer()
      const bounded = { bytesMissing, waitMs: request.maxWaitMs, isolation: bounds.isolation }
      wait(logs, opened, context, bounded, () => {
        readPartitions(source, opened, bounds)
        return answer()
      })
      return undefined
    },
    onError: (_request, code) => fetchError(code),
  })
}

function openContext(
  sessions: SessionCache,
  request: FetchRequest,
  apiVersion: number,
): FetchContext | ErrorCode {
  return FetchContext.open(sessions, {
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    usesTopicIds: apiVersion >= 13,
    privileged: request.replicaId >= 0 || request.replicaState.replicaId >= 0,
    topics: request.topics,
    forgotten: request.forgottenTopicsData,
  })
}

function wait(
  { services }: LogManager,
  wanted: FetchContext,
  context: RequestContext<FetchAnswer>,
  bounds: { readonly bytesMissing: number; readonly waitMs: number; readonly isolation: number },
  answer: () => FetchAnswer,
): void {
  const waiter = new FetchWaiter(services.timers, wanted, () => context.respond(answer()), bounds)
  context.onDisconnect(() => waiter.cancel())
}
