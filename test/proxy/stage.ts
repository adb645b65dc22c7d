import assert from 'node:assert/strict'
import { ErrorCode } from '../../src/protocol/errors.js'
import { coordinatorReady, freshName, freshTopic, type Peer, setTransactionVersion } from '../e2e/peer.js'
import { readCommitted, untilEnded } from '../support/committed-reader.js'
import { type Age, type Producer, TransactionClient } from '../support/transaction-client.js'
import type { WireClient } from '../support/wire-client.js'
import { DelayingProxy, type HeldFrame } from './delaying-proxy.js'

const { NONE } = ErrorCode

/** One producer, its topic of two partitions, and the network between it and the broker. */
export class Stage {
  private constructor(
    readonly age: Age,
    readonly proxy: DelayingProxy,
    /** Past the proxy. */
    readonly observer: WireClient,
    readonly topic: string,
    readonly transactionalId: string,
    public client: TransactionClient,
    public producer: Producer,
  ) {}

  static async play(
    { bootstrap, client: observer }: Peer,
    age: Age,
    body: (stage: Stage) => Promise<void>,
    timeoutMs = 60_000,
  ): Promise<void> {
    await setTransactionVersion(observer, age === 'old' ? 0 : 2)
    const topic = await freshTopic(observer, 2)
    const transactionalId = freshName('tx')
    await coordinatorReady(observer, transactionalId, 1)
    const proxy = await DelayingProxy.start(bootstrap)
    const client = await TransactionClient.open(proxy.bootstrap, age, transactionalId)
    const producer = await initialised(client, timeoutMs)
    const stage = new Stage(age, proxy, observer, topic, transactionalId, client, producer)
    try {
      await body(stage)
    } finally {
      stage.client.close()
      await proxy.stop()
      await setTransactionVersion(observer, 2)
    }
  }

  /** Sends the request and loses patience: the frame stays in the network, the client comes back anew. */
  async abandoned(apiKey: number, send: () => Promise<unknown>): Promise<HeldFrame> {
    const held = this.proxy.hold({ apiKey })
    const sent = send().catch(() => {})
    const frame = await held
    this.client.close()
    await sent
    this.client = await TransactionClient.open(this.proxy.bootstrap, this.age, this.transactionalId)
    return frame
  }

  async write(text: string, { sequence, partition = 0 }: { sequence: number; partition?: number }) {
    const { client, producer, topic } = this
    if (this.age === 'old' && sequence === 0) await this.add(partition)
    return again(() => client.produce(producer, [text], { topic, partition, sequence }))
  }

  async add(partition = 0): Promise<void> {
    const { client, producer, topic } = this
    const errorCode = async () => ({ errorCode: (await client.add(producer, topic, partition)) ?? -1 })
    assert.equal((await again(errorCode)).errorCode, NONE)
  }

  /** EndTxn as a client does it: again until it is told the outcome, from which it goes on. */
  async end(committed: boolean): Promise<number> {
    const { errorCode, producerId, producerEpoch } = await again(() =>
      this.client.end(this.producer, committed),
    )
    if (errorCode === NONE && this.age === 'new') this.producer = { producerId, producerEpoch }
    await untilEnded(this.observer, this.transactionalId)
    return errorCode
  }

  async committed(): Promise<string[]> {
    await untilEnded(this.observer, this.transactionalId)
    const texts: string[] = []
    for (const partition of [0, 1]) {
      const { records } = await readCommitted(this.observer, { topic: this.topic, partition })
      texts.push(...records.values())
    }
    return texts
  }

  async unstable(): Promise<number> {
    await untilEnded(this.observer, this.transactionalId)
    let count = 0
    for (const partition of [0, 1]) {
      const { offsets } = await readCommitted(this.observer, { topic: this.topic, partition })
      count += offsets.high - offsets.stable
    }
    return count
  }
}

/** What clients try again by themselves: the coordinator loads, or markers are under way. */
const PASSING: readonly number[] = [
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
]

export async function again<Reply extends { readonly errorCode: number }>(
  ask: () => Promise<Reply>,
): Promise<Reply> {
  for (;;) {
    const reply = await ask()
    if (!PASSING.includes(reply.errorCode)) return reply
  }
}

export async function initialised(client: TransactionClient, timeoutMs?: number): Promise<Producer> {
  const { errorCode, producerId, producerEpoch } = await again(() => client.init(timeoutMs))
  assert.equal(errorCode, NONE)
  return { producerId, producerEpoch }
}
