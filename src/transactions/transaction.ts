import { assert } from '../base/assert.js'
import { EventTimer } from '../coordinator/event-timer.js'
import type { TransactionLogValue } from '../protocol/messages/transaction-records.js'
import type { AddPartitionsEvent, TransactionEffects, TransactionEvent } from './events.js'
import { isLegalTransition, type TransactionStatus } from './status.js'

/** A transactional id: what is stored of it, and what only this coordinator remembers. */
export class Transaction {
  readonly transactionalId: string
  value: TransactionLogValue
  partitions: ReadonlyMap<string, ReadonlySet<number>> = new Map()
  /**
   * The epoch the producer had before the present one, if it was given the present one in exchange: its retry of
   * that request is no zombie's. Records have no room for it, so a restart forgets it, as in Kafka.
   */
  lastProducerEpoch = -1
  /** Markers of the present transaction are with the writer. */
  markersSent = false
  /** Additions to the next transaction, which wait for this one's end. */
  readonly parked: AddPartitionsEvent[] = []
  readonly parkedTimer: EventTimer<TransactionEvent>

  constructor(transactionalId: string, value: TransactionLogValue) {
    this.transactionalId = transactionalId
    this.value = value
    this.parkedTimer = new EventTimer<TransactionEvent>({ type: 'parked-expired', transactionalId })
    this.install(value)
  }

  get status(): TransactionStatus {
    return this.value.transactionStatus as TransactionStatus
  }

  install(value: TransactionLogValue): void {
    this.value = value
    const topics = value.transactionPartitions ?? []
    this.partitions = new Map(topics.map(({ topic, partitionIds }) => [topic, new Set(partitionIds)]))
  }

  has(topic: string, partition: number): boolean {
    return this.partitions.get(topic)?.has(partition) ?? false
  }

  /** Appends the next state; what the change does not name stays. */
  become(status: TransactionStatus, change: Partial<TransactionLogValue>, effects: TransactionEffects): void {
    assert(isLegalTransition(this.status, status), `No way leads from ${this.status} to ${status}.`)
    effects.append({
      transactionalId: this.transactionalId,
      value: {
        ...this.value,
        ...change,
        transactionStatus: status,
        transactionLastUpdateTimestampMs: effects.nowMs,
      },
    })
  }
}
