// Goal: what was on its way when the broker was stopped arrives after the start, when the client has long sent it once
// more: no write is lost or doubled, no transaction torn. Method: as in delayed-frames, with a broker that is
// stopped, or copied as a kill leaves it, between.

import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, test } from 'node:test'
import { ApiKey } from '../../src/protocol/api-key.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { EndTxnResponse } from '../../src/protocol/messages/end-txn.js'
import { ProduceResponse } from '../../src/protocol/messages/produce.js'
import { DelayingProxy, type HeldFrame } from '../proxy/delaying-proxy.js'
import { again, initialised } from '../proxy/stage.js'
import { readCommitted, untilEnded } from '../support/committed-reader.js'
import { Age, type Producer, TransactionClient } from '../support/transaction-client.js'
import { readResponse } from '../support/wire.js'
import { WireClient } from '../support/wire-client.js'
import { coordinatorReady, freshTopic, Peer } from './peer.js'

const { NONE } = ErrorCode
const ID = 'tx'

/** A producer before and after the broker's restart. */
class Play {
  producer: Producer = { producerId: -1, producerEpoch: -1 }
  topic = ''

  private constructor(
    private peer: Peer,
    private readonly root: string,
    readonly proxy: DelayingProxy,
    public client: TransactionClient,
  ) {}

  static async with(body: (play: Play) => Promise<void>): Promise<void> {
    const root = await mkdtemp(`${tmpdir()}/millrace-delayed-`)
    const peer = await Peer.start({ dataDir: `${root}/data` })
    const proxy = await DelayingProxy.start(peer.bootstrap)
    const play = new Play(peer, root, proxy, await TransactionClient.open(proxy.bootstrap, 'new', ID))
    try {
      play.topic = await freshTopic(peer.client)
      await coordinatorReady(peer.client, ID, 1)
      play.producer = await initialised(play.client)
      await body(play)
    } finally {
      play.client.close()
      await proxy.stop()
      await play.peer.stop()
      await rm(root, { recursive: true, force: true })
    }
  }

  produce(text: string, sequence: number) {
    const { topic } = this
    return again(() => this.client.produce(this.producer, [text], { topic, sequence }))
  }

  async end(committed: boolean): Promise<number> {
    const { errorCode, ...next } = await again(() => this.client.end(this.producer, committed))
    if (errorCode === NONE) this.producer = { producerId: next.producerId, producerEpoch: next.producerEpoch }
    return errorCode
  }

  /** The frame is under way when the broker goes down; the client comes back when it is up again. */
  async interrupted(kind: 'stop' | 'kill', apiKey: number, send: () => Promise<unknown>): Promise<HeldFrame> {
    const held = this.proxy.hold({ apiKey })
    const sent = send().catch(() => {})
    const frame = await held
    const dataDir = `${this.root}/${kind === 'kill' ? 'killed' : 'data'}`
    if (kind === 'kill') await copied(`${this.root}/data`, dataDir)
    await this.peer.stop()
    this.peer = await Peer.start({ dataDir })
    this.proxy.target = this.peer.bootstrap
    await sent
    this.client.close()
    this.client = await TransactionClient.open(this.proxy.bootstrap, 'new', ID)
    return frame
  }

  async committed(): Promise<{ texts: string[]; unstable: number }> {
    const client = await WireClient.open(this.peer.bootstrap)
    await untilEnded(client, ID)
    const { records, offsets } = await readCommitted(client, { topic: this.topic })
    client.close()
    return { texts: [...records.values()], unstable: offsets.high - offsets.stable }
  }
}

/** Once more when the broker replaced a small file meanwhile. */
async function copied(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await cp(from, to, { recursive: true })
    } catch (error) {
      if (attempt === 5) throw error
      await rm(to, { recursive: true, force: true })
    }
  }
}

for (const kind of ['stop', 'kill'] as const) {
  describe(`after a ${kind}`, () => {
    test('a batch is stored once, and its transaction committed whole', () =>
      Play.with(async (play) => {
        assert.equal((await play.produce('a', 0)).errorCode, NONE)
        const { topic } = play
        const late = await play.interrupted(kind, ApiKey.Produce, () =>
          play.client.produce(play.producer, ['b'], { topic, sequence: 1 }),
        )
        assert.deepEqual(await play.produce('b', 1), { errorCode: NONE, baseOffset: 1 })
        const { body } = readResponse(ProduceResponse, Age.new.produce, await late.deliver())
        const { errorCode, baseOffset } = body.responses[0]?.partitionResponses[0] ?? {}
        assert.deepEqual([errorCode, baseOffset], [NONE, 1], 'it is the retry of its own retry')
        assert.equal(await play.end(true), NONE)
        assert.deepEqual(await play.committed(), { texts: ['a', 'b'], unstable: 0 })
      }))

    test('a commit ends its transaction once, and not the next one', () =>
      Play.with(async (play) => {
        assert.equal((await play.produce('a', 0)).errorCode, NONE)
        const late = await play.interrupted(kind, ApiKey.EndTxn, () => play.client.end(play.producer, true))
        assert.equal(await play.end(true), NONE)
        assert.equal((await play.produce('b', 0)).errorCode, NONE)
        const { body } = readResponse(EndTxnResponse, Age.new.end, await late.deliver())
        assert.equal(body.errorCode, ErrorCode.PRODUCER_FENCED)
        assert.deepEqual(await play.committed(), { texts: ['a'], unstable: 1 })
        assert.equal(await play.end(false), NONE)
        assert.deepEqual(await play.committed(), { texts: ['a'], unstable: 0 })
      }))

    test('a batch of a transaction that was aborted meanwhile is not stored', () =>
      Play.with(async (play) => {
        assert.equal((await play.produce('a', 0)).errorCode, NONE)
        const { topic } = play
        const late = await play.interrupted(kind, ApiKey.Produce, () =>
          play.client.produce(play.producer, ['b'], { topic, sequence: 1 }),
        )
        assert.equal(await play.end(false), NONE)
        assert.equal((await play.produce('c', 0)).errorCode, NONE)
        const { body } = readResponse(ProduceResponse, Age.new.produce, await late.deliver())
        assert.equal(body.responses[0]?.partitionResponses[0]?.errorCode, ErrorCode.INVALID_PRODUCER_EPOCH)
        assert.equal(await play.end(true), NONE)
        assert.deepEqual(await play.committed(), { texts: ['c'], unstable: 0 })
      }))
  })
}
