// Transactional producers over a simulated world: what they send, and what a reader of committed records sees.

import type { ProduceFacts } from '../../src/log/append.js'
import type { AppendOutcome } from '../../src/log/append-result.js'
import type { Partition } from '../../src/log/partition.js'
import { Isolation } from '../../src/log/read.js'
import { ReadRows } from '../../src/log/read-rows.js'
import { Reads } from '../../src/log/reads.js'
import type { TransactionVerifier, VerificationRequest } from '../../src/log/transaction-verifier.js'
import { batchOf, type World } from '../sim/world.js'

/** Answers when told to; `asked` holds the questions that were not answered yet. */
export class HeldVerifier implements TransactionVerifier {
  readonly asked: (VerificationRequest & { answer(code: number): void })[] = []

  verify(request: VerificationRequest): Promise<number> {
    return new Promise((resolve) => this.asked.push({ ...request, answer: resolve }))
  }
}

export interface Write {
  readonly producerId?: number
  readonly epoch?: number
  readonly sequence?: number
  readonly count?: number
  readonly transactional?: boolean
}

export function send(
  world: World,
  partition: Partition,
  write: Write,
  request: Partial<ProduceFacts> = {},
): AppendOutcome {
  const { producerId = 7, epoch = 0, sequence = 0, count = 1, transactional = true } = write
  const values = Array.from({ length: count }, (_, index) => `p${producerId}s${sequence + index}`)
  const options = { producerId, producerEpoch: epoch, baseSequence: sequence, transactional }
  return world.produce(partition, batchOf(values, options), { transactionalId: 'tx', ...request })
}

export interface Mark {
  readonly producerId?: number
  readonly epoch?: number
  readonly coordinatorEpoch?: number
  readonly version?: number
}

/** Appends a marker and lets the engine write; returns the error code. */
export async function end(
  world: World,
  partition: Partition,
  kind: 'commit' | 'abort',
  mark: Mark = {},
): Promise<number> {
  const { producerId = 7, epoch = 0, coordinatorEpoch = 0, version = 1 } = mark
  const commit = kind === 'commit'
  const marker = { producerId, producerEpoch: epoch, coordinatorEpoch, commit, transactionVersion: version }
  const answer = partition.appendMarker(marker)
  world.engine.run()
  return (await answer).errorCode
}

/** What a fetch of one partition learns. */
export function readFrom(
  partition: Partition,
  offset: number,
  isolation: number = Isolation.readCommitted,
  maxBytes = 1 << 24,
) {
  const rows = new ReadRows(1)
  const row = rows.addRow()
  rows.ask(row, offset, maxBytes, -1, -1)
  const reads = new Reads()
  const budget = { bytesLeft: maxBytes, slicesLeft: 1, atLeastOneBatch: true, spend: () => {} }
  reads.begin(rows, budget, isolation)
  reads.add(partition, row)
  reads.end()
  return {
    errorCode: rows.errorCode(row),
    log: rows.log(row),
    segment: rows.segment(row),
    position: rows.position(row),
    length: rows.length(row),
    aborted: rows.aborted(row),
  }
}

export const abortedOf = ({ aborted }: ReturnType<typeof readFrom>): [number, number][] =>
  aborted.map(({ producerId, firstOffset }) => [producerId, firstOffset])
