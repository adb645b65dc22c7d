import { ErrorCode } from '../protocol/errors.js'
import * as header from '../protocol/records/batch-header.js'
import type { ProduceFacts } from './append.js'
import { type AppendResult, refused } from './append-result.js'
import type { Partition } from './partition.js'

/** From this version of Produce on the client leaves adding partitions to the broker (transaction version 2). */
const ADDS_IMPLICITLY_SINCE = 12
/** From this version of Produce on clients understand TRANSACTION_ABORTABLE. */
const ABORTABLE_SINCE = 11

/** What a client tries again by itself; in a produce answer this one code means it to every client. */
const PASSING: ReadonlySet<number> = new Set([
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.NETWORK_EXCEPTION,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])

export function addsImplicitly(apiVersion: number): boolean {
  return apiVersion >= ADDS_IMPLICITLY_SINCE
}

/** A transactional batch that would begin a transaction here, or go on in a newer epoch. */
export function needsVerification(
  partition: Partition,
  buffer: Buffer,
  at: number,
  { verifier }: ProduceFacts,
): boolean {
  if (verifier === null || !header.isTransactional(buffer, at)) return false
  const producerId = header.producerId(buffer, at)
  return !partition.producers.hasOpenTransaction(producerId, header.producerEpoch(buffer, at))
}

/** One question to the coordinator. Batches of the producer that come before its answer share it. */
export interface Verification {
  readonly producerEpoch: number
  readonly result: Promise<number>
  /** Batches that wait for the answer or have not used it yet. */
  users: number
}

/** The questions of one partition that are under way, by producer. */
export class Verifications {
  private readonly asked = new Map<number, Verification>()

  constructor(private readonly partition: Partition) {}

  /** Null when the batch needs none. */
  ask(batch: Buffer, request: ProduceFacts): Verification | null {
    const { verifier, transactionalId } = request
    if (!needsVerification(this.partition, batch, 0, request)) return null
    if (verifier === null || transactionalId === null) return null
    const producerId = header.producerId(batch, 0)
    const producerEpoch = header.producerEpoch(batch, 0)
    const known = this.asked.get(producerId)
    if (known?.producerEpoch === producerEpoch) {
      known.users++
      return known
    }
    const { topic, partition } = this.partition
    const addImplicitly = addsImplicitly(request.apiVersion)
    const question = { transactionalId, producerId, producerEpoch, topic, partition, addImplicitly }
    const asked = { producerEpoch, result: verifier.verify(question), users: 1 }
    this.asked.set(producerId, asked)
    return asked
  }

  /** A marker makes every answer before it worthless. */
  ended(producerId: number): void {
    this.asked.delete(producerId)
  }

  /** Whether the answer still holds. */
  holds(producerId: number, verification: Verification): boolean {
    return this.asked.get(producerId) === verification
  }

  used(producerId: number, verification: Verification): void {
    verification.users--
    if (verification.users === 0 && this.holds(producerId, verification)) this.asked.delete(producerId)
  }
}

/** What the client is told when the coordinator did not agree, in words its version knows. */
export function verificationRefusal(errorCode: number, { apiVersion }: ProduceFacts): AppendResult {
  if (PASSING.has(errorCode)) {
    const message = 'Unable to verify the partition has been added to the transaction'
    return refused(ErrorCode.NOT_ENOUGH_REPLICAS, message)
  }
  if (errorCode === ErrorCode.PRODUCER_FENCED) {
    return refused(ErrorCode.INVALID_PRODUCER_EPOCH, 'The producer was fenced by a newer one')
  }
  const abortable = errorCode === ErrorCode.TRANSACTION_ABORTABLE
  if (abortable && apiVersion < ABORTABLE_SINCE) {
    return refused(ErrorCode.INVALID_TXN_STATE, 'The partition is not part of the transaction')
  }
  return refused(errorCode as ErrorCode, abortable ? 'The partition is not part of the transaction' : null)
}
