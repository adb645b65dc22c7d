// Goal: a pattern chooses among whole transactional ids as RE2 would, and one that is none, or takes too long, is told.

import assert from 'node:assert/strict'
import test from 'node:test'
import { listTransactions } from '../../src/api/66-list-transactions.js'
import { SeededRandom } from '../../src/base/random.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import type { ListTransactionsResponse } from '../../src/protocol/messages/list-transactions.js'
import { World } from '../sim/world.js'
import { FakeContext } from './fake-context.js'

async function list(ids: readonly string[], transactionalIdPattern: string | null) {
  const found = ids.map((transactionalId) => ({
    transactionalId,
    producerId: 7,
    transactionState: 'Ongoing',
  }))
  const { handle } = listTransactions({
    list: async () => ({ errorCode: ErrorCode.NONE, transactions: found, unknownStates: [] }),
  })
  const request = { stateFilters: [], producerIdFilters: [], durationFilter: -1, transactionalIdPattern }
  const world = await World.start({ auto: true })
  const answer = (await handle(request, new FakeContext(world, 2))) as ListTransactionsResponse
  return [answer.errorCode, answer.transactionStates.map(({ transactionalId }) => transactionalId)]
}

const ids = ['copier-1', 'copier-2', 'my-copier-1', 'größe']
const cases: [pattern: string | null, listed: string[]][] = [
  [null, ids],
  ['', ids],
  ['copier-.', ['copier-1', 'copier-2']],
  ['.*copier-1', ['copier-1', 'my-copier-1']],
  ['gr..e', ['größe']],
  ['[^a-f]*r?.*', ids],
  ['nothing', []],
]
for (const [pattern, listed] of cases) {
  test(`pattern ${pattern}`, async () => assert.deepEqual(await list(ids, pattern), [ErrorCode.NONE, listed]))
}

test('what is no pattern is refused', async () => {
  assert.deepEqual(await list(ids, '(?!a)'), [ErrorCode.INVALID_REGULAR_EXPRESSION, []])
})

test('what takes too long is refused', async () => {
  const random = new SeededRandom(7)
  const draw = () => (random.int(2) === 0 ? 'a' : 'b')
  const many = Array.from({ length: 1_000 }, () => Array.from({ length: 249 }, draw).join(''))
  assert.deepEqual(await list(many, '(a|b)*a(a|b){300}c'), [ErrorCode.INVALID_REGULAR_EXPRESSION, []])
})
