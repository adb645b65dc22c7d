import { SeededRandom } from '../../../src/base/random.js'
import { coordinatorReady, freshName, freshTopic, type Peer } from '../../e2e/peer.js'
import * as calls from '../../support/calls.js'
import { readCommitted, untilEnded } from '../../support/committed-reader.js'
import type { Age } from '../../support/transaction-client.js'
import { DelayingProxy } from '../delaying-proxy.js'
import { Ledger } from './ledger.js'
import { Network } from './network.js'
import { RandomProducer } from './producer.js'

export interface HistoryOptions {
  readonly seed: number
  readonly age: Age
  readonly producers: number
  readonly partitions: number
  readonly steps: number
  /** Late frames arrive also while markers are under way, when their answers depend on the moment. */
  readonly hurried?: boolean
  /** How long the last stable offset may stand still when nobody is left. */
  readonly stableWithinMs: number
}

export interface History {
  /** Empty when everything held. */
  readonly findings: readonly string[]
  readonly lines: readonly string[]
  readonly transactions: number
}

const ABANDONED_TIMEOUT_MS = 300
const LATE_MAX = 12

/**
 * Several producers over a bad network. Everything is drawn from the seed and happens one request after the other,
 * so a history can be played once more; what overlaps is what the network held back. At the end some producers are
 * never heard of again, everything late arrives, and the partitions have to become stable.
 */
export async function playHistory(peer: Peer, options: HistoryOptions): Promise<History> {
  const random = new SeededRandom(options.seed)
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const ledger = new Ledger()
  const proxy = await DelayingProxy.start(peer.bootstrap)
  const network = new Network(proxy, random.fork('network'), log)
  const run = freshName(`history-${options.seed}`)
  const topic = await freshTopic(peer.client, options.partitions)
  const producers: RandomProducer[] = []
  try {
    for (let index = 0; index < options.producers; index++) {
      const name = `${run.replaceAll('-', '.')}.p${index}`
      await coordinatorReady(peer.client, name, 1)
      await coordinatorReady(peer.client, name, 0)
      const place = { topic, name, partitions: options.partitions, age: options.age }
      producers.push(
        await RandomProducer.open(place, { network, ledger, random: random.fork(`p${index}`), log }),
      )
    }
    const audience = new Audience(peer, topic, producers, ledger)
    const findings: string[] = []
    for (let step = 0; step < options.steps && findings.length === 0; step++) {
      const late = network.lateCount
      if (late > 0 && (late > LATE_MAX || random.int(3) === 0)) {
        if (!options.hurried) await audience.settled()
        await network.deliver()
      } else await (producers[random.int(producers.length)] as RandomProducer).step()
      if (random.int(8) === 0) findings.push(...(await audience.lookIn()))
    }
    for (const producer of producers) {
      if (random.int(2) === 0) await producer.abandon(ABANDONED_TIMEOUT_MS)
      else await producer.finish()
    }
    while (network.lateCount > 0) await network.deliver()
    findings.push(...(await audience.lookAtTheEnd(options.stableWithinMs)))
    return { findings, lines, transactions: ledger.transactions.length }
  } finally {
    for (const producer of producers) producer.close()
    await proxy.stop()
  }
}

/** Reads what is committed, past the network. */
class Audience {
  constructor(
    private readonly peer: Peer,
    private readonly topic: string,
    private readonly producers: readonly RandomProducer[],
    private readonly ledger: Ledger,
  ) {}

  async lookIn(): Promise<string[]> {
    const { seen } = await this.read()
    return this.ledger.atAnyTime(seen)
  }

  async lookAtTheEnd(withinMs: number): Promise<string[]> {
    const deadline = Date.now() + withinMs
    for (;;) {
      const { seen, unstable } = await this.read()
      if (unstable === 0) return [...this.ledger.atTheEnd(seen), ...(await this.offsets())]
      if (Date.now() > deadline) {
        return [...this.ledger.atAnyTime(seen), `${unstable} offsets stay unstable for ${withinMs} ms`]
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** No markers are under way. */
  async settled(): Promise<void> {
    for (const { place, known } of this.producers) {
      if (known) await untilEnded(this.peer.client, place.name)
    }
  }

  private async read(): Promise<{ seen: string[][]; unstable: number }> {
    const { client } = this.peer
    await this.settled()
    const seen: string[][] = []
    let unstable = 0
    const partitions = this.producers[0]?.place.partitions ?? 0
    for (let partition = 0; partition < partitions; partition++) {
      const { records, offsets } = await readCommitted(client, { topic: this.topic, partition })
      seen.push([...records.values()])
      unstable += offsets.high - offsets.stable
    }
    return { seen, unstable }
  }

  private async offsets(): Promise<string[]> {
    const findings: string[] = []
    for (const { place } of this.producers) {
      const topics = [{ name: this.topic, partitionIndexes: [0] }]
      const { groups } = await this.peer.client.call(calls.offsetFetch, 9, {
        groups: [{ groupId: place.name, topics }],
        requireStable: true,
      })
      const { committedOffset = -1, errorCode = -1 } = groups[0]?.topics[0]?.partitions[0] ?? {}
      const allowed = this.ledger.allowedOffsets(place.name)
      if (errorCode !== 0) findings.push(`${place.name}: its offset stays unstable, error ${errorCode}`)
      else if (!allowed.has(committedOffset)) {
        findings.push(
          `${place.name}: offset ${committedOffset} is committed, not ${[...allowed].join(' or ')}`,
        )
      }
    }
    return findings
  }
}
