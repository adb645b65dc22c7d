import type { Random } from '../../../src/base/random.js'
import { ApiKey } from '../../../src/protocol/api-key.js'
import { ErrorCode } from '../../../src/protocol/errors.js'
import { type Age, type Producer, TransactionClient } from '../../support/transaction-client.js'
import { again } from '../stage.js'
import type { Ledger, Transaction } from './ledger.js'
import type { Network } from './network.js'

const { NONE } = ErrorCode
const UNKNOWN: Producer = { producerId: -1, producerEpoch: -1 }
/** Among the partitions of a transaction. */
const GROUP = -1
const LONG_TIMEOUT_MS = 60_000

export interface Place {
  readonly topic: string
  readonly partitions: number
  readonly age: Age
  /** Whose name is also its transactional id and the name of its group. */
  readonly name: string
}

/**
 * A transactional producer as careful as clients are: it sends a request again until it is answered, commits what
 * was acknowledged only, and takes its id anew when it is refused. One step is one thing it does.
 */
export class RandomProducer {
  /** The coordinator has heard of it. */
  known = false
  private producer = UNKNOWN
  private transaction: Transaction | null = null
  /** By partition, the next one. */
  private readonly sequences = new Map<number, number>()
  /** Of this transaction: partitions and the group that the coordinator knows. */
  private readonly added = new Set<number>()
  private offset = 0

  private constructor(
    readonly place: Place,
    private client: TransactionClient,
    private readonly world: { network: Network; ledger: Ledger; random: Random; log: (line: string) => void },
  ) {}

  static async open(place: Place, world: RandomProducer['world']): Promise<RandomProducer> {
    return new RandomProducer(place, await connected(place, world.network), world)
  }

  close(): void {
    this.client.close()
  }

  /** At any time: the next request. */
  async step(): Promise<void> {
    const { random } = this.world
    if (this.producer === UNKNOWN) return this.initialise(LONG_TIMEOUT_MS)
    const draw = random.int(20)
    const begun = this.added.size > 0
    if (draw < 9 || !begun) return this.write(random.int(this.place.partitions))
    if (draw < 12 && !this.added.has(GROUP)) return this.commitOffset()
    if (draw < 16) return this.end(true)
    if (draw < 19) return this.end(false)
    this.log('takes its id anew')
    return this.initialise(LONG_TIMEOUT_MS)
  }

  /** Begins a transaction that ends by itself soon, and is never heard of again. */
  async abandon(timeoutMs: number): Promise<void> {
    await this.initialise(timeoutMs)
    for (let count = 0; count < 2; count++) {
      if (this.producer !== UNKNOWN) await this.write(this.world.random.int(this.place.partitions))
    }
    this.gaveUp()
  }

  /** Ends what is open, so that everything is decided. */
  async finish(): Promise<void> {
    if (this.producer !== UNKNOWN && this.added.size > 0) await this.end(this.world.random.int(2) === 0)
    this.gaveUp()
  }

  private async initialise(timeoutMs: number): Promise<void> {
    const expected = this.world.random.int(2) === 0 ? this.producer : UNKNOWN
    this.gaveUp()
    const reply = await this.ask(ApiKey.InitProducerId, () => this.client.init(timeoutMs, expected))
    this.log(`id ${reply.producerId}.${reply.producerEpoch}, error ${reply.errorCode}`)
    if (reply.errorCode !== NONE) return
    this.producer = of(reply)
    this.known = true
  }

  private async write(partition: number): Promise<void> {
    const { place, world } = this
    this.transaction ??= world.ledger.begin(place.name)
    if (place.age === 'old' && !this.added.has(partition)) {
      const { errorCode } = await this.ask(ApiKey.AddPartitionsToTxn, async () => ({
        errorCode: (await this.client.add(this.producer, place.topic, partition)) ?? -1,
      }))
      if (errorCode !== NONE) return this.refused(errorCode)
      this.added.add(partition)
    }
    const text = world.ledger.text(this.transaction)
    const sequence = this.sequences.get(partition) ?? 0
    const to = { topic: place.topic, partition, sequence }
    const { errorCode } = await this.ask(ApiKey.Produce, () => this.client.produce(this.producer, [text], to))
    this.log(`writes ${text} to ${partition}, sequence ${sequence}, error ${errorCode}`)
    if (errorCode !== NONE) return this.refused(errorCode)
    this.added.add(partition)
    this.sequences.set(partition, sequence + 1)
    this.transaction?.writes.push({ text, partition })
  }

  /** Once in a transaction: offsets have no sequence, so a late one may replace another of its transaction. */
  private async commitOffset(): Promise<void> {
    const { name, topic, age } = this.place
    if (age === 'old') {
      const { errorCode } = await this.ask(ApiKey.AddOffsetsToTxn, async () => ({
        errorCode: await this.client.addOffsets(this.producer, name),
      }))
      if (errorCode !== NONE) return this.refused(errorCode)
    }
    this.added.add(GROUP)
    const offset = ++this.offset
    const { errorCode } = await this.ask(ApiKey.TxnOffsetCommit, async () => ({
      errorCode: (await this.client.commitOffset(this.producer, name, topic, offset)) ?? -1,
    }))
    this.log(`commits offset ${offset}, error ${errorCode}`)
    if (errorCode !== NONE) return this.refused(errorCode)
    if (this.transaction !== null) this.transaction.offset = offset
  }

  private async end(committed: boolean): Promise<void> {
    const { transaction } = this
    if (transaction !== null && committed) transaction.outcome = 'asked'
    const reply = await this.ask(ApiKey.EndTxn, () => this.client.end(this.producer, committed))
    this.log(`${committed ? 'commits' : 'aborts'} ${transaction?.name}, error ${reply.errorCode}`)
    if (reply.errorCode !== NONE) return this.refused(reply.errorCode)
    if (transaction !== null) transaction.outcome = committed ? 'committed' : 'aborted'
    this.transaction = null
    this.added.clear()
    if (this.place.age === 'old') return
    this.producer = of(reply)
    this.sequences.clear()
  }

  /** What was refused cannot be committed any more; the id is asked for anew, which aborts. */
  private refused(errorCode: number): void {
    this.log(`was refused: ${errorCode}`)
    this.gaveUp()
  }

  private gaveUp(): void {
    const { transaction } = this
    if (transaction !== null) transaction.outcome = transaction.outcome === 'asked' ? 'unknown' : 'aborted'
    this.transaction = null
    this.producer = UNKNOWN
    this.added.clear()
    this.sequences.clear()
  }

  /** Again until it is answered, over a new connection when the last one is gone. */
  private async ask<Reply extends { readonly errorCode: number }>(
    apiKey: number,
    send: () => Promise<Reply>,
  ): Promise<Reply> {
    for (;;) {
      const reply = await this.world.network.exchange(apiKey, () => again(send))
      if (reply !== null) return reply
      this.client.close()
      this.client = await connected(this.place, this.world.network)
    }
  }

  private log(line: string): void {
    this.world.log(`${this.place.name} ${line}`)
  }
}

const of = ({ producerId, producerEpoch }: Producer): Producer => ({ producerId, producerEpoch })

function connected({ age, name }: Place, { proxy }: Network): Promise<TransactionClient> {
  return TransactionClient.open(proxy.bootstrap, age, name)
}
