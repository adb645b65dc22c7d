import { FetchContext, RowList } from '../fetch/fetch-context.js'
import { readPartitions } from '../fetch/fetch-read.js'
import { RowsPool } from '../fetch/rows-pool.js'
import type { SessionCache } from '../fetch/session-cache.js'
import { FetchWaiter } from '../fetch/waiter.js'
import type { LogManager } from '../log/log-manager.js'
import { ApiKey } from '../protocol/api-key.js'
import type { Api, RequestContext } from './api.js'
import { ClientPartitions } from './client-partitions.js'
import { type FetchAnswer, fetchError } from './fetch-answer.js'
import { fetchCodec } from './fetch-codec.js'
import type { FetchRequestView } from './fetch-request.js'

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
export const fetch = ({ logs, sessions, limits }: Rooms): Api<FetchRequestView, FetchAnswer> => {
  const source = new ClientPartitions(logs)
  const pool = new RowsPool()
  const codec = fetchCodec(pool)
  /** One for all answers: each is written before the next request is read. */
  const named = new RowList()
  return {
    key: ApiKey.Fetch,
    min: 4,
    max: 18,
    requestSchema: codec.request,
    responseSchema: codec.response,
    pipelined: false,
    handle(request, context) {
      const opened = FetchContext.open(sessions, pool, request)
      if (typeof opened === 'number') return fetchError(opened)
      const { rows } = opened
      const bytesMax = Math.min(request.maxBytes, limits.fetchBytesMax)
      const isolation = request.isolationLevel
      const bounds = { bytesMax, isolation }
      const answer = () => ({ errorCode: 0, sessionId: opened.answer(named), isolation, rows, named })
      const { bytes, urgent } = readPartitions(source, rows, bounds)
      const bytesMissing = Math.min(request.minBytes, bytesMax) - bytes
      const waits = request.maxWaitMs > 0 && rows.size > 0
      if (bytesMissing <= 0 || urgent || !waits) return answer()
      const bounded = { bytesMissing, waitMs: request.maxWaitMs, isolation }
      wait(logs, opened, context, bounded, () => {
        readPartitions(source, rows, bounds)
        return answer()
      })
      return undefined
    },
    onError: (_request, code) => fetchError(code),
  }
}

function wait(
  { services }: LogManager,
  wanted: FetchContext,
  context: RequestContext<FetchAnswer>,
  bounds: { readonly bytesMissing: number; readonly waitMs: number; readonly isolation: number },
  answer: () => FetchAnswer,
): void {
  const waiter = new FetchWaiter(services.timers, wanted.rows, () => context.respond(answer()), bounds)
  context.onDisconnect(() => {
    waiter.cancel()
    wanted.cancel()
  })
}
