// Random lives of a consumer group with clients that forget, lie about nothing but what they own, lose replies and
// fall silent: a partition has one owner, epochs never go back, replay gives the live state, and left alone the
// group comes to rest with everything assigned.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { settle } from '../../coordinator/memory-log.js'
import { GROUP } from '../harness.js'
import { Client, ConsumerWorld, durable, settleGroup } from './harness.js'

const CLIENTS = 4
const TOPICS = ['t0', 't1', 't2']

type Step =
  | { readonly do: 'join' | 'beat' | 'lost' | 'silent' | 'leave' | 'away'; readonly who: number }
  | { readonly do: 'subscribe'; readonly who: number; readonly bits: number }
  | { readonly do: 'topic'; readonly which: number; readonly count: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'restart' | 'fail' | 'delete' }

const who = fc.nat(CLIENTS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constantFrom('join', 'beat', 'beat', 'beat', 'lost', 'silent', 'leave', 'away'),
      who,
    }) as fc.Arbitrary<Step>,
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), who, bits: fc.nat(7) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('topic' as const), which: fc.nat(2), count: fc.nat(5) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(500, 5_000, 30_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('restart', 'fail', 'delete' as const) }) as fc.Arbitrary<Step>,
  },
)

class Life {
  readonly clients: Client[]
  #groupEpoch = 0
  #targetEpoch = 0
  readonly #memberEpochs = new Map<string, number>()

  constructor(public world: ConsumerWorld) {
    this.clients = Array.from({ length: CLIENTS }, (_, at) => new Client(world, `m${at}`, requestOf(at)))
  }

  async run(each: Step): Promise<void> {
    if ('who' in each) await this.#act(each)
    else if (each.do === 'topic') {
      const { which, count } = each
      const name = TOPICS[which] as string
      const present = this.world.topics.counts.get(name) ?? 0
      if (count === 0) this.world.topics.delete(name)
      else this.world.topics.set(name, Math.max(count, present))
    } else if (each.do === 'advance') await this.world.advance(each.ms)
    else if (each.do === 'delete') await this.world.coordinator.deleteGroup(GROUP)
    else if (each.do === 'fail') await this.#failAppend()
    else {
      this.world = await this.world.restarted()
      for (const client of this.clients) client.world = this.world
    }
    await this.check()
  }

  async check(): Promise<void> {
    const group = this.world.coordinator.inspect(0)?.consumerGroups.get(GROUP)
    assert.deepEqual(durable((await this.world.replayed()).consumerGroups.get(GROUP)), durable(group))
    if (group === undefined) {
      this.#groupEpoch = this.#targetEpoch = 0
      this.#memberEpochs.clear()
      return
    }
    const owners = new Set<string>()
    for (const { current } of group.members.values()) {
      for (const partitions of [current.assigned, current.pendingRevocation]) {
        for (const [topicId, indexes] of partitions) {
          for (const index of indexes.keys()) {
            assert.ok(!owners.has(`${topicId} ${index}`), 'one owner')
            owners.add(`${topicId} ${index}`)
            assert.ok(group.isOwned(topicId, index))
          }
        }
      }
    }
    assert.ok(group.groupEpoch >= this.#groupEpoch && group.targetEpoch >= this.#targetEpoch)
    assert.ok(group.targetEpoch <= group.groupEpoch)
    this.#groupEpoch = group.groupEpoch
    this.#targetEpoch = group.targetEpoch
    for (const [memberId, { memberEpoch }] of group.members) {
      assert.ok(memberEpoch <= group.targetEpoch)
      if (memberEpoch < 0) continue
      assert.ok(memberEpoch >= (this.#memberEpochs.get(memberId) ?? 0), 'a member does not go back')
      this.#memberEpochs.set(memberId, memberEpoch)
    }
    for (const memberId of this.#memberEpochs.keys()) {
      if (!group.members.has(memberId)) this.#memberEpochs.delete(memberId)
    }
  }

  /** Everyone alive heartbeats until nothing moves any more. */
  async finish(): Promise<void> {
    const alive = this.clients.slice(0, 2)
    await this.world.advance(400)
    for (const client of alive) await client.join()
    for (let round = 0; round < 12; round++) {
      await this.world.advance(5_000)
      for (const client of alive) if ((await client.beat()).errorCode !== 0) await client.join()
      await this.check()
    }
    await settleGroup(...alive)
    const group = this.world.group()
    assert.equal(group.state, 'Stable')
    const owned = alive.flatMap(({ owned }) =>
      Object.entries(owned).flatMap(([name, indexes]) => indexes.map((index) => `${name} ${index}`)),
    )
    const wanted = new Set(
      [...group.members.values()].flatMap(({ metadata }) =>
        metadata.subscribedTopicNames.flatMap((name) =>
          Array.from({ length: this.world.topics.counts.get(name) ?? 0 }, (_, index) => `${name} ${index}`),
        ),
      ),
    )
    assert.deepEqual(owned.toSorted(), [...wanted].toSorted())
  }

  async #act(each: Extract<Step, { who: number }>): Promise<void> {
    const client = this.clients[each.who] as Client
    if (each.do === 'join') await client.join()
    else if (each.do === 'beat') await client.beat()
    else if (each.do === 'silent') await client.beat({ topicPartitions: null })
    else if (each.do === 'leave') await client.leave()
    else if (each.do === 'away') await client.leave(-2)
    else if (each.do === 'subscribe') {
      await client.beat({ subscribedTopicNames: TOPICS.filter((_, at) => each.bits & (1 << at)) })
    } else if (each.do === 'lost') {
      const { memberEpoch, owned } = client
      await client.beat()
      client.memberEpoch = memberEpoch
      client.owned = owned
    }
  }

  /** A heartbeat whose records the log loses: nobody hears of them, and the shard starts over. */
  async #failAppend(): Promise<void> {
    this.world.log.held = true
    const pending = (this.clients[0] as Client).join()
    await settle()
    this.world.log.held = false
    this.world.log.fail()
    await pending
    await this.world.advance(2_000)
    // What was never told may be taken back.
    this.#memberEpochs.clear()
    this.#groupEpoch = this.#targetEpoch = 0
  }
}

function requestOf(at: number) {
  const subscribedTopicNames = [TOPICS[at % TOPICS.length] as string, 't1']
  return { subscribedTopicNames, instanceId: at === CLIENTS - 1 ? 'instance' : null }
}

test('a consumer group lives through anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, delayed) => {
      const assignmentIntervalMs = delayed ? 1_000 : 0
      const settings = { sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5_000, assignmentIntervalMs }
      const world = await ConsumerWorld.start({ t0: 2, t1: 3 }, { settingsOf: () => settings })
      const life = new Life(world)
      for (const each of steps) await life.run(each)
      await life.finish()
    }),
    { numRuns: 150 },
  )
})
