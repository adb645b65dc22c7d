import type { LogManager } from '../log/log-manager.js'
import type { TransactionVerifier } from '../log/transaction-verifier.js'
import { addsImplicitly } from '../log/verification.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode, errorName } from '../protocol/errors.js'
import { ProduceRequest, ProduceResponse } from '../protocol/messages/produce.js'
import { api, type RequestContext } from './api.js'
import { ClientPartitions } from './client-partitions.js'
import { allFailed, firstError, type ProduceAnswer } from './produce-answer.js'
import { ProduceAppends } from './produce-appends.js'

interface Rooms {
  readonly logs: LogManager
  readonly verifier: TransactionVerifier
  /** `transaction.partition.verification.enable`; read per request, for it can change. */
  readonly verificationEnabled: () => boolean
}

/*
 * Produce v3-v13. v7 zstd; v8 errors per record; v9 flexible; v11 TRANSACTION_ABORTABLE; v12 partitions are added to
 * the transaction by the broker; v13 topics by id.
 *
 *   acks      answered
 *   0         never; an error ends the connection
 *   1, -1     when all appends of the request are written: with one replica both mean the same
 *   others    INVALID_REQUIRED_ACKS everywhere, nothing is appended
 *
 * The plain answer is attached to the appends and leaves without coming back here. A request that repeats a batch
 * still in flight, or whose records or transaction are being checked, is answered later by promise.
 */
export const produce = ({ logs, verifier, verificationEnabled }: Rooms) => {
  const partitions = new ClientPartitions(logs)
  return api({
    key: ApiKey.Produce,
    min: 3,
    max: 13,
    request: ProduceRequest,
    response: ProduceResponse,
    pipelined: true,
    handle(request, context) {
      const { acks } = request
      if (acks !== 0 && acks !== 1 && acks !== -1) return allFailed(request, ErrorCode.INVALID_REQUIRED_ACKS)
      // Who leaves it to the broker to add the partition is asked about in any case.
      const verified = verificationEnabled() || addsImplicitly(context.apiVersion)
      const under = { ticket: logs.services.tickets.next(), verifier: verified ? verifier : null }
      const appends = new ProduceAppends(partitions, request, context, under)
      if (acks === 0) {
        void answerNothing(logs, appends, context)
        return undefined
      }
      if (!appends.complete) return answerLater(logs, appends)
      if (appends.appendCount === 0) return appends.answer
      context.respondAfterAppends(appends.answer, appends)
      return undefined
    },
    onError: allFailed,
  })
}

async function answerNothing(
  { services }: LogManager,
  appends: ProduceAppends,
  context: RequestContext<ProduceAnswer>,
): Promise<void> {
  const { ticket, appendCount } = appends
  if (appendCount > 0) services.tickets.settle(services.engine, { ticket, appendCount })
  if (!appends.complete) await appends.settleDeferred()
  const errorCode = firstError(appends.answer)
  // The only way to tell a client that asked for no answers.
  if (errorCode !== ErrorCode.NONE) context.disconnect(`produce with acks=0 failed: ${errorName(errorCode)}`)
  else context.respondNothing()
}

async function answerLater({ services }: LogManager, appends: ProduceAppends): Promise<ProduceAnswer> {
  const { ticket, appendCount } = appends
  const written =
    appendCount === 0
      ? Promise.resolve(true)
      : new Promise<boolean>((resolve) => {
          services.tickets.settle(services.engine, { ticket, appendCount }, resolve)
        })
  await appends.settleDeferred()
  return (await written) ? appends.answer : appends.onFailure()
}
