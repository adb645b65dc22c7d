// Goal: what a network that delivers late can do to transactions, in the protocol before KIP-890 and in the one since.
// Each scenario is played in both; with the old one the anomaly is asserted, with the new one its absence. Method: raw
// requests, some of them held back by a proxy until the client has gone on over another connection.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ApiKey } from '../../src/protocol/api-key.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { EndTxnResponse } from '../../src/protocol/messages/end-txn.js'
import { ProduceResponse } from '../../src/protocol/messages/produce.js'
import { TxnOffsetCommitResponse } from '../../src/protocol/messages/txn-offset-commit.js'
import type { HeldFrame } from '../proxy/delaying-proxy.js'
import { initialised, Stage } from '../proxy/stage.js'
import * as calls from '../support/calls.js'
import { untilEnded } from '../support/committed-reader.js'
import { Age, TransactionClient } from '../support/transaction-client.js'
import { readResponse } from '../support/wire.js'
import type { WireClient } from '../support/wire-client.js'
import { coordinatorReady, foreign, freshName, Peer } from './peer.js'

const { NONE, INVALID_PRODUCER_EPOCH, PRODUCER_FENCED, INVALID_TXN_STATE } = ErrorCode

let peer: Peer
before(async () => {
  peer = await Peer.start()
})
after(() => peer.stop())

const endCode = async (age: Age, frame: HeldFrame) =>
  readResponse(EndTxnResponse, Age[age].end, await frame.deliver()).body.errorCode

async function produced(age: Age, frame: HeldFrame): Promise<{ errorCode: number; baseOffset: number }> {
  const { body } = readResponse(ProduceResponse, Age[age].produce, await frame.deliver())
  const { errorCode = -1, baseOffset = -1 } = body.responses[0]?.partitionResponses[0] ?? {}
  return { errorCode, baseOffset }
}

const isFenced = (code: number) =>
  assert.ok(([INVALID_PRODUCER_EPOCH, PRODUCER_FENCED] as number[]).includes(code))

describe('a commit that arrives in the next transaction', () => {
  const play = (age: Age, check: (stage: Stage, late: HeldFrame) => Promise<void>) =>
    Stage.play(peer, age, async (stage) => {
      assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
      const late = await stage.abandoned(ApiKey.EndTxn, () => stage.client.end(stage.producer, true))
      assert.equal(await stage.end(true), NONE, 'the retry')
      const next = stage.age === 'old' ? 1 : 0
      if (stage.age === 'old') await stage.add()
      assert.equal((await stage.write('b', { sequence: next })).errorCode, NONE)
      await check(stage, late)
    })

  test('old: commits half of it', () =>
    play('old', async (stage, late) => {
      assert.equal(await endCode('old', late), NONE)
      assert.deepEqual(await stage.committed(), ['a', 'b'], 'nobody committed b')
      assert.equal(await stage.end(false), INVALID_TXN_STATE, 'and nobody can abort it')
    }))

  test('new: is refused', () =>
    play('new', async (stage, late) => {
      isFenced(await endCode('new', late))
      assert.deepEqual(await stage.committed(), ['a'])
      assert.equal(await stage.end(false), NONE)
      assert.deepEqual(await stage.committed(), ['a'])
      assert.equal(await stage.unstable(), 0)
    }))
})

describe('an abort that arrives in the next transaction', () => {
  const play = (age: Age, check: (stage: Stage, late: HeldFrame) => Promise<void>) =>
    Stage.play(peer, age, async (stage) => {
      assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
      const late = await stage.abandoned(ApiKey.EndTxn, () => stage.client.end(stage.producer, false))
      assert.equal(await stage.end(false), NONE, 'the retry')
      if (stage.age === 'old') await stage.add()
      assert.equal((await stage.write('b', { sequence: stage.age === 'old' ? 1 : 0 })).errorCode, NONE)
      await check(stage, late)
    })

  test('old: tears it in two, and the client is told that all went well', () =>
    play('old', async (stage, late) => {
      assert.equal(await endCode('old', late), NONE)
      await untilEnded(stage.observer, stage.transactionalId)
      assert.equal((await stage.write('c', { sequence: 0, partition: 1 })).errorCode, NONE)
      assert.equal(await stage.end(true), NONE)
      assert.deepEqual(await stage.committed(), ['c'], 'b is lost')
    }))

  test('new: is refused', () =>
    play('new', async (stage, late) => {
      isFenced(await endCode('new', late))
      assert.equal((await stage.write('c', { sequence: 0, partition: 1 })).errorCode, NONE)
      assert.equal(await stage.end(true), NONE)
      assert.deepEqual(await stage.committed(), ['b', 'c'])
    }))
})

describe('a batch of an aborted transaction that arrives in the next one', () => {
  const play = (age: Age, check: (stage: Stage, late: HeldFrame) => Promise<void>) =>
    Stage.play(peer, age, async (stage) => {
      // Something of the transaction arrives, so that there is something to abort.
      assert.equal((await stage.write('first', { sequence: 0, partition: 1 })).errorCode, NONE)
      if (age === 'old') await stage.add()
      const { topic } = stage
      const late = await stage.abandoned(ApiKey.Produce, () =>
        stage.client.produce(stage.producer, ['a'], { topic, sequence: 0 }),
      )
      assert.equal(await stage.end(false), NONE)
      await check(stage, late)
    })

  test('old: is committed in place of what was written there', () =>
    play('old', async (stage, late) => {
      await stage.add()
      const stored = { errorCode: NONE, baseOffset: 1 }
      assert.deepEqual(await produced('old', late), stored, 'after the marker')
      const { client, producer, topic } = stage
      const own = await client.produce(producer, ['b'], { topic, sequence: 0 })
      assert.deepEqual(own, stored, 'taken for a retry')
      assert.equal(await stage.end(true), NONE)
      assert.deepEqual(await stage.committed(), ['a'], 'a was aborted, b committed')
    }))

  test('new: is refused', () =>
    play('new', async (stage, late) => {
      assert.equal((await stage.write('b', { sequence: 0 })).errorCode, NONE)
      isFenced((await produced('new', late)).errorCode)
      assert.equal(await stage.end(true), NONE)
      assert.deepEqual(await stage.committed(), ['b'])
      assert.equal(await stage.unstable(), 0)
    }))

  for (const age of ['old', 'new'] as const) {
    test(`${age}: is refused while no transaction is open`, () =>
      play(age, async (stage, late) => {
        const { errorCode } = await produced(age, late)
        // A partition that heard nothing of the producer leaves the answer to the coordinator.
        if (age === 'old') assert.equal(errorCode, INVALID_TXN_STATE)
        else isFenced(errorCode)
        assert.deepEqual(await stage.committed(), [])
        assert.equal(await stage.unstable(), 0)
      }))
  }
})

describe('a batch that arrives late where nobody asks the coordinator', () => {
  async function verification(client: WireClient, enabled: boolean): Promise<void> {
    const value = {
      name: 'transaction.partition.verification.enable',
      configOperation: 0,
      value: `${enabled}`,
    }
    const resources = [{ resourceType: 4, resourceName: '', configs: [value] }]
    const { responses } = await client.call(calls.incrementalAlterConfigs, 1, {
      resources,
      validateOnly: false,
    })
    assert.equal(responses[0]?.errorCode, NONE, responses[0]?.errorMessage ?? '')
    for (;;) {
      const { results } = await client.call(calls.describeConfigs, 4, {
        resources: [{ resourceType: 4, resourceName: '1', configurationKeys: [value.name] }],
      })
      if (results[0]?.configs[0]?.value === value.value) return
    }
  }

  async function play(age: Age, check: (stage: Stage, late: HeldFrame) => Promise<void>) {
    await Stage.play(peer, age, async (stage) => {
      await verification(stage.observer, false)
      try {
        assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
        const { topic } = stage
        const late = await stage.abandoned(ApiKey.Produce, () =>
          stage.client.produce(stage.producer, ['late'], { topic, sequence: 1 }),
        )
        assert.equal(await stage.end(false), NONE)
        await check(stage, late)
      } finally {
        await verification(stage.observer, true)
      }
    })
  }

  test('old: hangs, and holds the last stable offset back for ever', () =>
    play('old', async (stage, late) => {
      assert.deepEqual(await produced('old', late), { errorCode: NONE, baseOffset: 2 })
      assert.equal(await stage.unstable(), 1)
    }))

  test('new: is refused', () =>
    play('new', async (stage, late) => {
      isFenced((await produced('new', late)).errorCode)
      assert.equal(await stage.unstable(), 0)
    }))
})

describe('a partition that is added late', () => {
  test('old: opens a transaction nobody began, and time fences the producer', () =>
    Stage.play(
      peer,
      'old',
      async (stage) => {
        const { topic } = stage
        const late = await stage.abandoned(ApiKey.AddPartitionsToTxn, () =>
          stage.client.add(stage.producer, topic),
        )
        assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE, 'added once more')
        assert.equal(await stage.end(true), NONE)
        await late.deliver()
        await until(async () => (await stage.client.add(stage.producer, topic)) === PRODUCER_FENCED, 'fenced')
        assert.deepEqual(await stage.committed(), ['a'])
      },
      300,
    ))
})

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `it never came to be ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('offsets of an aborted transaction that arrive in the next one', () => {
  async function play(age: Age): Promise<[number | undefined, number | undefined]> {
    let seen: [number | undefined, number | undefined] = [undefined, undefined]
    await Stage.play(peer, age, async (stage) => {
      const { topic, observer } = stage
      const groupId = freshName('group')
      await coordinatorReady(observer, groupId, 0)
      if (age === 'old') assert.equal(await stage.client.addOffsets(stage.producer, groupId), NONE)
      assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
      const late = await stage.abandoned(ApiKey.TxnOffsetCommit, () =>
        stage.client.commitOffset(stage.producer, groupId, topic, 7),
      )
      assert.equal(await stage.end(false), NONE)
      if (age === 'old') assert.equal(await stage.client.addOffsets(stage.producer, groupId), NONE)
      else assert.equal((await stage.write('b', { sequence: 0 })).errorCode, NONE)
      const { body } = readResponse(TxnOffsetCommitResponse, Age[age].commitOffsets, await late.deliver())
      assert.equal(await stage.end(true), NONE)
      const { groups } = await observer.call(calls.offsetFetch, 9, {
        groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [0] }] }],
        requireStable: true,
      })
      const partition = groups[0]?.topics[0]?.partitions[0]
      seen = [body.topics[0]?.partitions[0]?.errorCode, partition?.committedOffset]
    })
    return seen
  }

  test('old: are committed with it', async () => assert.deepEqual(await play('old'), [NONE, 7]))

  test('new: are refused', async () => assert.deepEqual(await play('new'), [INVALID_PRODUCER_EPOCH, -1]))
})

for (const age of ['old', 'new'] as const) {
  describe(`${age}: what arrives twice`, () => {
    test('a batch within its transaction is stored once', () =>
      Stage.play(peer, age, async (stage) => {
        const { topic } = stage
        assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
        const late = await stage.abandoned(ApiKey.Produce, () =>
          stage.client.produce(stage.producer, ['b'], { topic, sequence: 1 }),
        )
        assert.deepEqual(await stage.write('b', { sequence: 1 }), { errorCode: NONE, baseOffset: 1 })
        assert.deepEqual(await produced(age, late), { errorCode: NONE, baseOffset: 1 })
        assert.equal(await stage.end(true), NONE)
        assert.deepEqual(await stage.committed(), ['a', 'b'])
      }))

    test('an EndTxn whose answer was lost is answered, and its transaction ends once', () =>
      Stage.play(peer, age, async (stage) => {
        assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
        const lost = stage.proxy.loseAnswer({ apiKey: ApiKey.EndTxn })
        const sent = stage.client.end(stage.producer, true).catch(() => {})
        await Promise.all([lost, sent])
        stage.client = await TransactionClient.open(stage.proxy.bootstrap, age, stage.transactionalId)
        assert.equal(await stage.end(true), NONE)
        assert.deepEqual(await stage.committed(), ['a'])
        assert.equal(await stage.unstable(), 0)
      }))

    // Kafka lets it, whatever epoch it names.
    const skip = foreign === undefined ? false : 'stricter than Kafka'
    test('a producer that asks late for the id it had does not end what its successor began', { skip }, () =>
      Stage.play(peer, age, async (stage) => {
        const zombie = stage.producer
        const late = await stage.abandoned(ApiKey.InitProducerId, () => stage.client.init(60_000, zombie))
        stage.producer = await initialised(stage.client)
        assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
        await late.deliver()
        assert.equal(await stage.end(true), NONE)
        assert.deepEqual(await stage.committed(), ['a'])
      }),
    )
  })

  test(`${age}: a client that never comes back: time aborts, the offsets move on, its commit is refused`, () =>
    Stage.play(
      peer,
      age,
      async (stage) => {
        assert.equal((await stage.write('a', { sequence: 0 })).errorCode, NONE)
        const late = await stage.abandoned(ApiKey.EndTxn, () => stage.client.end(stage.producer, true))
        await until(async () => (await stage.unstable()) === 0, 'stable')
        assert.notEqual(await endCode(age, late), NONE)
        assert.deepEqual(await stage.committed(), [])
        assert.equal(await stage.unstable(), 0)
      },
      300,
    ))
}
