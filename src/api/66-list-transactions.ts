import { Matcher } from '../groups/regex/matcher.js'
import { PatternError } from '../groups/regex/syntax.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { ListTransactionsRequest, ListTransactionsResponse } from '../protocol/messages/list-transactions.js'
import type { ListedTransaction } from '../transactions/requests.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'

/*
 * ListTransactions v0-v2. v1 a minimum duration; v2 a pattern (RE2, as Kafka's) that whole transactional ids match;
 * an empty one is none.
 */
export const listTransactions = (transactions: Pick<TransactionCoordinator, 'list'>) =>
  api({
    key: ApiKey.ListTransactions,
    min: 0,
    max: 2,
    request: ListTransactionsRequest,
    response: ListTransactionsResponse,
    async handle({ stateFilters, producerIdFilters, durationFilter, transactionalIdPattern }) {
      const matcher = matcherOf(transactionalIdPattern ?? '')
      if (matcher === null) return failure(ErrorCode.INVALID_REGULAR_EXPRESSION)
      const filter = { states: stateFilters, producerIds: producerIdFilters, durationMs: durationFilter }
      const { errorCode, transactions: listed, unknownStates } = await transactions.list(filter)
      const transactionStates = matching(listed, matcher)
      if (transactionStates === null) return failure(ErrorCode.INVALID_REGULAR_EXPRESSION)
      return { errorCode, unknownStateFilters: unknownStates, transactionStates }
    },
    onError: (_request, errorCode) => failure(errorCode),
  })

const everything = { matches: () => true }

/** Null for a pattern that is none. */
function matcherOf(pattern: string): { matches(text: string): boolean } | null {
  return pattern === '' ? everything : orNull(() => new Matcher(pattern))
}

/** Null for a pattern that would take too long. */
function matching(
  listed: readonly ListedTransaction[],
  matcher: { matches(text: string): boolean },
): readonly ListedTransaction[] | null {
  return orNull(() => listed.filter(({ transactionalId }) => matcher.matches(transactionalId)))
}

function orNull<T>(attempt: () => T): T | null {
  try {
    return attempt()
  } catch (error) {
    if (error instanceof PatternError) return null
    throw error
  }
}

function failure(errorCode: number) {
  return { errorCode, unknownStateFilters: [], transactionStates: [] }
}
