import type { Clock } from '../base/clock.js'
import { type Logger, RateLimited } from '../base/logger.js'
import type { TimingWheel } from '../base/timing-wheel.js'
import { coordinatorPartition } from '../coordinator/coordinator-partition.js'
import { CoordinatorRuntime } from '../coordinator/runtime.js'
import type { CoordinatorLog, RecordCompression } from '../coordinator/state-machine.js'
import { Wait } from '../coordinator/wait.js'
import { ErrorCode } from '../protocol/errors.js'
import { verifyPartition } from './add-partitions.js'
import type { TransactionConfig } from './config.js'
import { describeError, describeTransaction, listTransactions } from './describe.js'
import { type TransactionEntry, transactionEntryCodec } from './entries.js'
import type { TransactionEvent } from './events.js'
import { type MarkerJob, type MarkerTargets, MarkerWriter, type TransactionMarker } from './marker-writer.js'
import {
  type AddPartitionsRequest,
  type DescribedTransaction,
  type EndTransactionRequest,
  type InitProducerRequest,
  type ListedTransaction,
  type ListTransactionsFilter,
  NEEDS_PRODUCER_ID,
  type ProducerIdentity,
  type ProducerReply,
  producerError,
} from './requests.js'
import { isStatusName } from './status.js'
import { TransactionShard } from './transaction-shard.js'

export const TRANSACTIONS_TOPIC = '__transaction_state'

export interface TransactionCoordinatorOptions {
  readonly config: TransactionConfig
  /** Partitions of __transaction_state, now or once it exists. */
  readonly partitionCount: () => number
  readonly producerIds: { next(): Promise<number> }
  readonly targets: MarkerTargets
  readonly clock: Clock
  readonly timers: TimingWheel
  readonly logger: Logger
  readonly compression?: RecordCompression
  readonly defer?: (run: () => void) => void
}

/**
 * What the request handlers call. Each request finds the partition of its transactional id and becomes an event of
 * that shard; every outcome, refusals included, is a reply. Promises reject only for bugs of ours.
 */
export class TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions
  readonly #runtime: CoordinatorRuntime<TransactionShard, TransactionEvent, TransactionEntry>
  readonly #markers: MarkerWriter
  /** Leader epochs of the partitions, which markers carry. */
  readonly #epochs = new Map<number, number>()

  constructor(options: TransactionCoordinatorOptions) {
    const { config, clock, timers, targets } = options
    const logger = options.logger.child('TransactionCoordinator')
    const lines = new RateLimited({ clock, burst: 20 })
    const notice = (event: string, fields: object) => {
      lines.run((suppressed) => logger.info(event, suppressed > 0 ? { ...fields, suppressed } : fields))
    }
    this.#options = options
    this.#markers = new MarkerWriter({ targets, timers, logger })
    const writeMarkers = (job: MarkerJob) => void this.#writeMarkers(job)
    this.#runtime = new CoordinatorRuntime<TransactionShard, TransactionEvent, TransactionEntry>({
      ...options,
      logger,
      topic: TRANSACTIONS_TOPIC,
      createMachine: () => new TransactionShard({ config, writeMarkers, notice }),
      codec: transactionEntryCodec,
    })
  }

  /** This broker leads the partition from now on. Resolves when it is loaded or will try again by itself. */
  load(partition: number, log: CoordinatorLog, leaderEpoch: number): Promise<void> {
    this.#epochs.set(partition, leaderEpoch)
    return this.#runtime.load(partition, log)
  }

  unload(partition: number): void {
    this.#epochs.delete(partition)
    this.#runtime.unload(partition)
  }

  stop(): void {
    this.#markers.stop()
    this.#runtime.unloadAll()
  }

  partitionFor(transactionalId: string): number {
    return coordinatorPartition(transactionalId, this.#options.partitionCount())
  }

  /** The state of a partition that is served here, for metrics and tests; nobody else changes it. */
  inspect(partition: number): TransactionShard | undefined {
    const shard = this.#runtime.shard(partition)
    return shard?.active ? shard.machine : undefined
  }

  async initProducer(request: InitProducerRequest): Promise<ProducerReply> {
    const { transactionalId, transactionTimeoutMs: timeoutMs } = request
    if (transactionalId === '') return producerError(ErrorCode.INVALID_REQUEST)
    if (timeoutMs <= 0 || timeoutMs > this.#options.config.transactionMaxTimeoutMs) {
      return producerError(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
    }
    return this.#withProducerId(transactionalId, (newProducerId, wait) => ({
      type: 'init-producer',
      request,
      newProducerId,
      wait,
    }))
  }

  async endTransaction(request: EndTransactionRequest): Promise<ProducerReply> {
    if (request.transactionalId === '') return producerError(ErrorCode.INVALID_REQUEST)
    return this.#withProducerId(request.transactionalId, (newProducerId, wait) => ({
      type: 'end',
      request,
      newProducerId,
      wait,
    }))
  }

  /** The error code of all partitions. */
  async addPartitions(request: AddPartitionsRequest): Promise<number> {
    if (request.transactionalId === '') return ErrorCode.INVALID_REQUEST
    return promised(sameCode, (wait) => {
      this.#runtime.submit(
        this.partitionFor(request.transactionalId),
        { type: 'add-partitions', request, wait },
        wait,
      )
    })
  }

  /** Whether the partition is part of the producer's open transaction; TRANSACTION_ABORTABLE when not. */
  verify(producer: ProducerIdentity, place: { topic: string; partition: number }): Promise<number> {
    const { transactionalId } = producer
    if (transactionalId === '') return Promise.resolve(ErrorCode.INVALID_REQUEST)
    return this.#query(this.partitionFor(transactionalId), sameCode, ({ transactions }) =>
      verifyPartition(transactions.get(transactionalId), producer, place),
    )
  }

  describe(transactionalId: string): Promise<DescribedTransaction> {
    const failure = (code: number) => describeError(transactionalId, code)
    if (transactionalId === '') return Promise.resolve(failure(ErrorCode.INVALID_REQUEST))
    return this.#query(this.partitionFor(transactionalId), failure, ({ transactions }) => {
      const transaction = transactions.get(transactionalId)
      return transaction === undefined
        ? failure(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
        : describeTransaction(transaction)
    })
  }

  /** All transactions of this broker; an error while one of its partitions loads, for the list would lack some. */
  async list(filter: ListTransactionsFilter) {
    type Part = { readonly errorCode: number; readonly transactions: readonly ListedTransaction[] }
    const unknownStates = filter.states.filter((state) => !isStatusName(state))
    const states = filter.states.filter(isStatusName)
    if (states.length === 0 && unknownStates.length > 0) {
      return { errorCode: ErrorCode.NONE, transactions: [], unknownStates }
    }
    const nowMs = this.#options.clock.nowMs()
    const parts = await Promise.all(
      this.#runtime.partitions().map((partition) =>
        this.#query<Part>(
          partition,
          (errorCode) => ({ errorCode, transactions: [] }),
          ({ transactions }) => ({
            errorCode: ErrorCode.NONE,
            transactions: listTransactions(transactions.values(), { ...filter, states }, nowMs),
          }),
        ),
      ),
    )
    const failed = parts.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    const transactions = failed === undefined ? parts.flatMap((part) => part.transactions) : []
    return { errorCode: failed?.errorCode ?? ErrorCode.NONE, transactions, unknownStates }
  }

  /** WriteTxnMarkers: another coordinator's, or an operator's who ends a transaction by hand. */
  writeMarker(place: { topic: string; partition: number }, marker: TransactionMarker): Promise<number> {
    return this.#markers.writeOnce(place, marker)
  }

  /** A new id is drawn only for a transition that turns out to need one. */
  async #withProducerId(
    transactionalId: string,
    event: (newProducerId: number, wait: Wait<ProducerReply>) => TransactionEvent,
  ): Promise<ProducerReply> {
    const partition = this.partitionFor(transactionalId)
    const submit = (newProducerId: number) =>
      promised(producerError, (wait) => this.#runtime.submit(partition, event(newProducerId, wait), wait))
    const reply = await submit(-1)
    if (reply !== NEEDS_PRODUCER_ID) return reply
    const drawn = await this.#options.producerIds.next().catch(() => -1)
    return drawn === -1 ? producerError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) : submit(drawn)
  }

  async #writeMarkers(job: MarkerJob): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = job
    const partition = this.partitionFor(transactionalId)
    const written = await this.#markers.write(job, this.#epochs.get(partition) ?? 0)
    if (!written || !job.wanted()) return
    const event = { type: 'markers-written', transactionalId, producerId, producerEpoch } as const
    this.#runtime.shard(partition)?.notify(event)
  }

  #query<Reply>(
    partition: number,
    failure: (code: number) => Reply,
    read: (shard: TransactionShard) => Reply,
  ): Promise<Reply> {
    return promised(failure, (wait) => this.#runtime.query(partition, read, wait))
  }
}

const sameCode = (code: number) => code

function promised<Reply>(
  failure: (code: number) => Reply,
  start: (wait: Wait<Reply>) => void,
): Promise<Reply> {
  return new Promise((resolve) => start(new Wait(resolve, failure)))
}
