// Random lives of a group that clients of both protocols share: however it changes from one kind to the other and
// back, a partition has one owner, the log alone gives the live state, and every request is answered.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ErrorCode } from '../../../src/protocol/errors.js'
import { settle } from '../../coordinator/memory-log.js'
import { durable as durableClassic, GROUP } from '../harness.js'
import { ClassicClient } from './classic-client.js'
import { Client, ConsumerWorld, durable } from './harness.js'

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('join', 'beat', 'beat', 'beat', 'leave', 'sync'),
      who: fc.nat(3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('advance'), who: fc.constantFrom(500, 3_000, 20_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart', 'grow'), who: fc.nat(3) }) },
)

class Life {
  readonly consumers: Client[]
  readonly classics: ClassicClient[]
  #open = 0
  /** Generation or group epoch; null when the next group of the name may begin anew. */
  #epoch: number | null = null

  constructor(public world: ConsumerWorld) {
    this.consumers = ['n0', 'n1'].map((id) => new Client(world, id))
    this.classics = [new ClassicClient(world), new ClassicClient(world, 'instance')]
  }

  async run(each: { do: string; who: number }): Promise<void> {
    const { world } = this
    if (each.do === 'advance') await world.advance(each.who)
    else if (each.do === 'grow') world.topics.set('topic', 4 + each.who)
    else if (each.do === 'restart') {
      // A generation that nobody was assigned in is not stored.
      this.#epoch = null
      this.world = await world.restarted()
      for (const client of [...this.consumers, ...this.classics]) client.world = this.world
    } else {
      this.#open++
      const acted = each.who < 2 ? this.#consumer(each) : this.#classic(each)
      acted.then(() => this.#open--)
    }
    await settle()
    await this.check()
  }

  async finish(): Promise<void> {
    for (let round = 0; round < 4; round++) await this.world.advance(200_000)
    assert.equal(this.#open, 0, 'every request is answered')
    const state = [...this.world.shard.groups.values(), ...this.world.shard.consumerGroups.values()]
    for (const group of state) assert.equal(group.state, 'Empty')
  }

  async check(): Promise<void> {
    const { groups, consumerGroups } = this.world.shard
    assert.ok(groups.size + consumerGroups.size <= 1)
    const replayed = await this.world.replayed()
    const group = consumerGroups.get(GROUP)
    assert.deepEqual(durable(replayed.consumerGroups.get(GROUP)), durable(group))
    assert.equal(replayed.groups.has(GROUP), groups.has(GROUP))
    const classic = groups.get(GROUP)
    if (classic?.state === 'Stable' || classic?.state === 'Empty') {
      assert.deepEqual(durableClassic(replayed), durableClassic(this.world.shard))
    }
    this.#checkEpoch()
    const owners = new Set<string>()
    for (const { current, memberEpoch } of group?.members.values() ?? []) {
      assert.ok(memberEpoch <= (group?.targetEpoch ?? 0))
      for (const partitions of [current.assigned, current.pendingRevocation]) {
        for (const [topicId, indexes] of partitions) {
          for (const index of indexes.keys()) {
            assert.ok(!owners.has(`${topicId} ${index}`), 'one owner')
            owners.add(`${topicId} ${index}`)
          }
        }
      }
    }
  }

  /** A group keeps counting when it becomes one of the other kind, unless it was empty and begins anew. */
  #checkEpoch(): void {
    const { groups, consumerGroups } = this.world.shard
    const group = consumerGroups.get(GROUP) ?? groups.get(GROUP)
    const epoch = group === undefined ? null : 'groupEpoch' in group ? group.groupEpoch : group.generationId
    if (this.#epoch !== null && epoch !== null) assert.ok(epoch >= this.#epoch, 'epochs do not go back')
    this.#epoch = group === undefined || group.members.size === 0 ? null : epoch
  }

  async #consumer(each: { do: string; who: number }): Promise<void> {
    const client = this.consumers[each.who] as Client
    if (each.do === 'join') await client.join()
    else if (each.do === 'leave') await client.leave()
    else if ((await client.beat()).errorCode !== ErrorCode.NONE) await client.join()
  }

  async #classic(each: { do: string; who: number }): Promise<void> {
    const client = this.classics[each.who - 2] as ClassicClient
    const all = this.classics.map(({ memberId }) => memberId).filter((memberId) => memberId !== '')
    const assignments = Object.fromEntries(all.map((memberId, at) => [memberId, at === 0 ? [0, 1] : [2, 3]]))
    if (each.do === 'sync') await client.sync(assignments)
    else if (each.do === 'leave') await client.leave()
    else if (each.do === 'join' || (await client.heartbeat()) !== ErrorCode.NONE) {
      const { errorCode } = await client.join()
      if (errorCode === ErrorCode.NONE) await client.sync(assignments)
      else if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) client.forget()
    }
  }
}

test('clients of both protocols live through anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const life = new Life(await ConsumerWorld.start({ topic: 4 }))
      for (const each of steps) await life.run(each)
      await life.finish()
    }),
    { numRuns: 150 },
  )
})
