import { unreachable } from '../base/assert.js'
import { EventTimer } from '../coordinator/event-timer.js'
import type { StateMachine } from '../coordinator/state-machine.js'
import { type Failable, Wait } from '../coordinator/wait.js'
import { ErrorCode } from '../protocol/errors.js'
import { addPartitions } from './add-partitions.js'
import type { TransactionConfig } from './config.js'
import { completeTransaction, endTransaction, fence } from './end-transaction.js'
import type { TransactionEntry } from './entries.js'
import type { TransactionEffects, TransactionEvent } from './events.js'
import { initProducer } from './init-producer.js'
import type { MarkerJob } from './marker-writer.js'
import { NEEDS_PRODUCER_ID, type ProducerReply } from './requests.js'
import { isIdle, isPrepared, TransactionStatus } from './status.js'
import { Transaction } from './transaction.js'

export interface TransactionShardOptions {
  readonly config: TransactionConfig
  /** Begins to write the markers of a transaction whose outcome is stored. */
  readonly writeMarkers: (job: MarkerJob) => void
  /** Tells operators; whoever gives it limits the rate. */
  readonly notice: (event: string, fields: object) => void
}

/**
 * The transactional ids of one partition of __transaction_state. `handle` finds the transition for an event, `apply`
 * takes over one record; the transitions are in files of their own.
 */
export class TransactionShard implements StateMachine<TransactionEvent, TransactionEntry> {
  readonly transactions = new Map<string, Transaction>()
  readonly config: TransactionConfig
  readonly #options: TransactionShardOptions
  readonly #abortTimer = new EventTimer<TransactionEvent>({ type: 'abort-timed-out' })
  readonly #expiryTimer = new EventTimer<TransactionEvent>({ type: 'expire-ids' })
  /** The runtime gave this state up; whatever it had begun outside concerns nobody any more. */
  #dropped = false

  constructor(options: TransactionShardOptions) {
    this.config = options.config
    this.#options = options
  }

  handle(event: TransactionEvent, effects: TransactionEffects): void {
    switch (event.type) {
      case 'init-producer':
        answer(event.wait, initProducer(this, event, effects), effects)
        break
      case 'add-partitions':
        addPartitions(this, event, effects)
        break
      case 'end':
        answer(event.wait, endTransaction(this, event, effects), effects)
        break
      case 'markers-written':
        this.#markersWritten(event, effects)
        break
      case 'parked-expired':
        this.#parkedExpired(event.transactionalId, effects)
        break
      case 'abort-timed-out':
        this.#abortTimedOut(effects)
        break
      case 'expire-ids':
        this.#expireIds(effects)
        break
      default:
        unreachable(event)
    }
  }

  apply({ transactionalId, value }: TransactionEntry): void {
    if (value === null) {
      this.transactions.delete(transactionalId)
      return
    }
    const transaction = this.transactions.get(transactionalId)
    if (transaction === undefined) {
      this.transactions.set(transactionalId, new Transaction(transactionalId, value))
    } else {
      transaction.install(value)
    }
  }

  /** The topic itself holds no transactional records. */
  applyMarker(): void {}

  loaded(effects: TransactionEffects): void {
    this.#resendMarkers(effects)
    effects.schedule(this.#abortTimer, this.config.abortIntervalMs)
    effects.schedule(this.#expiryTimer, this.config.expiryIntervalMs)
  }

  *timers(): Iterable<EventTimer<TransactionEvent>> {
    yield this.#abortTimer
    yield this.#expiryTimer
    for (const { parkedTimer } of this.transactions.values()) yield parkedTimer
  }

  *takeWaits(): Iterable<Failable> {
    this.#dropped = true
    for (const { parked } of this.transactions.values()) {
      for (const { wait } of parked.splice(0)) yield wait
    }
  }

  /** Once the outcome is written; what cannot be told by then is tried again with the next look for timeouts. */
  sendMarkers(transaction: Transaction, effects: TransactionEffects): void {
    const { transactionalId, partitions, value } = transaction
    const { producerId, producerEpoch, clientTransactionVersion } = value
    if (partitions.size === 0) {
      this.#complete(transaction, effects)
      return
    }
    const job: MarkerJob = {
      transactionalId,
      producerId,
      producerEpoch,
      committed: transaction.status === TransactionStatus.PrepareCommit,
      transactionVersion: clientTransactionVersion,
      partitions,
      wanted: () => !this.#dropped,
    }
    transaction.markersSent = true
    const stored = (written: boolean) => {
      if (written) this.#options.writeMarkers(job)
      else transaction.markersSent = false
    }
    effects.reply(new Wait<boolean>(stored, () => false), true)
  }

  #markersWritten(
    event: Extract<TransactionEvent, { type: 'markers-written' }>,
    effects: TransactionEffects,
  ): void {
    const transaction = this.transactions.get(event.transactionalId)
    if (transaction === undefined || !isPrepared(transaction.status)) return
    const { producerId, producerEpoch } = transaction.value
    if (producerId !== event.producerId || producerEpoch !== event.producerEpoch) return
    this.#complete(transaction, effects)
  }

  #complete(transaction: Transaction, effects: TransactionEffects): void {
    completeTransaction(transaction, effects)
    transaction.markersSent = false
    effects.cancel(transaction.parkedTimer)
    for (const event of transaction.parked.splice(0)) addPartitions(this, event, effects)
  }

  #parkedExpired(transactionalId: string, effects: TransactionEffects): void {
    for (const { wait } of this.transactions.get(transactionalId)?.parked.splice(0) ?? []) {
      effects.reply(wait, ErrorCode.CONCURRENT_TRANSACTIONS)
    }
  }

  #abortTimedOut(effects: TransactionEffects): void {
    this.#resendMarkers(effects)
    for (const transaction of this.transactions.values()) {
      const { transactionStartTimestampMs, transactionTimeoutMs, producerId } = transaction.value
      if (transaction.status !== TransactionStatus.Ongoing) continue
      if (transactionStartTimestampMs + transactionTimeoutMs >= effects.nowMs) continue
      const { transactionalId } = transaction
      this.#options.notice('transaction timed out and is aborted', { transactionalId, producerId })
      fence(this, transaction, { mayGoOn: true }, effects)
    }
    effects.schedule(this.#abortTimer, this.config.abortIntervalMs)
  }

  #resendMarkers(effects: TransactionEffects): void {
    for (const transaction of this.transactions.values()) {
      if (isPrepared(transaction.status) && !transaction.markersSent) this.sendMarkers(transaction, effects)
    }
  }

  #expireIds(effects: TransactionEffects): void {
    for (const { transactionalId, status, value } of [...this.transactions.values()]) {
      const idleMs = effects.nowMs - value.transactionLastUpdateTimestampMs
      if (!isIdle(status) || idleMs < this.config.transactionalIdExpirationMs) continue
      effects.append({ transactionalId, value: null })
    }
    effects.schedule(this.#expiryTimer, this.config.expiryIntervalMs)
  }
}

/** What changed nothing need not wait for what others wrote. */
function answer(wait: Wait<ProducerReply>, reply: ProducerReply, effects: TransactionEffects): void {
  if (reply === NEEDS_PRODUCER_ID) wait.complete(reply)
  else effects.reply(wait, reply)
}
