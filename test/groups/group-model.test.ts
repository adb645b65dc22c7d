// Random lives of one group. Whatever clients and clocks do, in whatever order the log answers:
// every request is answered exactly once, a generation has one leader and one view of its members, generations
// grow, transitions are legal (asserted in the code), and the log alone gives back the durable state.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Group } from '../../src/groups/classic/group.js'
import type { JoinReply } from '../../src/groups/requests.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import { MemoryLog, settle } from '../coordinator/memory-log.js'
import { durable, GROUP, GroupWorld, type Pending, subscription } from './harness.js'

type Step =
  | { do: 'join' | 'rejoin' | 'sync' | 'heartbeat' | 'leave' | 'commit'; who: number; flavour: number }
  | { do: 'advance'; ms: number }
  | { do: 'settle'; who: number; flavour: number }
  | { do: 'hold' | 'release' | 'restart' | 'fail' | 'delete' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'join',
        'rejoin',
        'rejoin',
        'sync',
        'sync',
        'heartbeat',
        'leave',
        'commit' as const,
      ),
      who: fc.nat(4),
      flavour: fc.nat(3),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 700, 3_000, 7_000, 20_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('settle' as const), who: fc.nat(4), flavour: fc.nat(2) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('hold', 'release', 'release' as const),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('restart', 'fail', 'delete' as const) }) as fc.Arbitrary<Step>,
  },
)

interface Client {
  memberId: string
  generationId: number
  leader: boolean
  groupInstanceId: string | null
}

class Life {
  world: GroupWorld
  readonly clients: Client[] = []
  readonly asked: Pending<unknown>[] = []
  readonly replies: JoinReply[] = []
  /** Every generation that was, with its leader and protocol. */
  readonly history = new Set<string>()
  readonly leaders = new Map<number, Set<string>>()
  readonly protocols = new Map<number, Set<string | null>>()
  /** What each member was told it has, by generation and member. */
  readonly assignments = new Map<string, Set<string>>()
  #generation = 0

  constructor(world: GroupWorld) {
    this.world = world
    for (let who = 0; who < 5; who++) {
      const groupInstanceId = who >= 3 ? `instance-${who}` : null
      this.clients.push({ memberId: '', generationId: -1, leader: false, groupInstanceId })
    }
  }

  async run(step: Step): Promise<void> {
    if (step.do === 'advance') await this.world.advance(step.ms, () => this.check())
    else if (step.do === 'hold') this.world.log.held = true
    else if (step.do === 'release') this.release()
    else if (step.do === 'restart') await this.restart()
    else if (step.do === 'fail') this.world.log.fail()
    else if (step.do === 'delete') this.ask(this.world.coordinator.deleteGroup(GROUP))
    else if (step.do === 'settle') await this.settleDown(step.who, step.flavour)
    else if ('who' in step) this.act(step.do, this.clients[step.who] as Client, step.flavour)
    await settle()
    this.check()
  }

  async finish(): Promise<void> {
    this.release()
    await settle()
    // Past every deadline there is: sessions, rebalances, first joins.
    await this.world.advance(400_000, () => this.check())
    await this.world.advance(400_000, () => this.check())
    assert.deepEqual(
      this.asked.filter(({ done }) => !done),
      [],
      'every request is answered',
    )
    for (const { generationId, leader, protocolName, memberId, members } of this.replies) {
      assert.ok(this.history.has(`${generationId} ${leader} ${protocolName}`), 'replies tell what was')
      if (memberId === leader) assert.ok(members.some((member) => member.memberId === memberId))
      else assert.deepEqual(members, [], 'only the leader sees the members')
    }
  }

  /** Chance alone seldom makes a group stable: some clients do for once what a client should. */
  private async settleDown(who: number, flavour: number): Promise<void> {
    this.release()
    const some = [...this.clients.slice(who), ...this.clients.slice(0, Math.min(who, 2))]
    for (let round = 0; round < 2; round++) {
      for (const client of some) {
        this.join(client, client, flavour)
        await settle()
        this.check()
      }
    }
    await this.world.advance(10_000, () => this.check())
    for (const client of some) this.act('sync', client, flavour)
  }

  private act(action: string, client: Client, flavour: number): void {
    const { world } = this
    const member = { ...client, memberId: client.memberId === '' ? 'nobody' : client.memberId }
    if (action === 'join') this.join({ ...client, memberId: '' }, client, flavour)
    else if (action === 'rejoin') this.join(client, client, flavour)
    else if (action === 'sync') {
      const assignments: Record<string, string> = {}
      for (const { memberId } of client.leader ? this.clients : []) assignments[memberId] = `${flavour}`
      const { value } = world.sync(member, assignments)
      this.ask(value)
      value.then(({ errorCode, assignment }) => {
        if (errorCode !== ErrorCode.NONE) return
        const told = `${member.generationId} ${placeOf(member.memberId)}`
        seen(this.assignments, told, String(assignment), 'a member has one assignment in a generation')
      })
    } else if (action === 'heartbeat') this.ask(world.heartbeat(member))
    else if (action === 'leave') {
      this.ask(world.leave(member))
      if (client.groupInstanceId === null) client.memberId = ''
    } else this.ask(world.commit({ ...(flavour > 1 ? member : {}), offset: flavour }))
  }

  private join({ memberId, groupInstanceId }: Client, client: Client, flavour: number): void {
    const name = flavour === 3 ? 'b' : 'a'
    const pending = this.world.join({
      memberId,
      groupInstanceId,
      requireKnownMemberId: flavour > 0,
      sessionTimeoutMs: 6_000 + flavour * 1_000,
      rebalanceTimeoutMs: 10_000,
      protocols: [
        { name, metadata: subscription(`topic-${flavour}`) },
        { name: 'common', metadata: subscription('topic') },
      ],
    })
    this.ask(pending.value)
    pending.value.then((reply) => this.joined(reply, client))
  }

  private joined(reply: JoinReply, client: Client): void {
    if (reply.errorCode === ErrorCode.UNKNOWN_MEMBER_ID) client.memberId = ''
    if (reply.errorCode === ErrorCode.MEMBER_ID_REQUIRED) client.memberId = reply.memberId
    if (reply.errorCode !== ErrorCode.NONE) return
    client.memberId = reply.memberId
    client.generationId = reply.generationId
    client.leader = reply.leader === reply.memberId
    this.replies.push(reply)
  }

  private ask(value: Promise<unknown>): void {
    const pending = { done: false, value } as Pending<unknown>
    value.then(() => {
      assert.equal(pending.done, false)
      pending.done = true
    })
    this.asked.push(pending)
  }

  private release(): void {
    this.world.log.held = false
    this.world.log.complete()
  }

  private async restart(): Promise<void> {
    this.release()
    await settle()
    this.world = await this.world.restarted()
    this.forget()
  }

  /** A generation that was not stored may come again, otherwise. */
  private forget(): void {
    this.#generation = 0
    this.leaders.clear()
    this.assignments.clear()
    this.protocols.clear()
  }

  private check(): void {
    const shard = this.world.shard()
    const group = shard?.groups.get(GROUP)
    if (group === undefined) {
      // Deleted, or loading what the log holds.
      this.forget()
      return
    }
    assertConsistent(group)
    if (group.state === 'CompletingRebalance' || group.state === 'Stable') {
      const { generationId, leaderId, protocolName } = group
      seen(this.leaders, generationId, placeOf(leaderId as string))
      seen(this.protocols, generationId, protocolName)
      this.history.add(`${generationId} ${leaderId} ${protocolName}`)
    }
    if (group.generationId < this.#generation) assert.ok(group.generationId === 0, 'generations grow')
    this.#generation = group.generationId
  }
}

function seen<K, T>(
  values: Map<K, Set<T>>,
  key: K,
  value: T,
  what = 'a generation has one leader and one protocol',
): void {
  const set = values.get(key) ?? new Set()
  values.set(key, set.add(value))
  assert.equal(set.size, 1, what)
}

/** A static member that returns leads on under another id. */
function placeOf(memberId: string): string {
  return memberId.startsWith('instance-') ? memberId.slice(0, 'instance-0'.length) : memberId
}

function assertConsistent(group: Group): void {
  const members = [...group.members.values()]
  assert.equal(group.awaitingJoin, members.filter(({ joinWait }) => joinWait !== null).length)
  assert.equal(group.leaderId === null, members.length === 0, 'members have a leader, and only they')
  if (group.leaderId !== null) assert.ok(group.members.has(group.leaderId), 'a member leads')
  if (members.length > 0) assert.notEqual(group.votes.select(members), null, 'a common protocol')
  if (group.state === 'Empty') assert.equal(members.length, 0)
  if (group.state === 'Stable' || group.state === 'CompletingRebalance')
    assert.ok(members.length > 0, 'members')
  for (const { joinWait, syncWait, sessionTimer } of members) {
    assert.ok(joinWait === null || group.state === 'PreparingRebalance', 'joins end with their phase')
    assert.ok(syncWait === null || group.state === 'CompletingRebalance', 'syncs end with theirs')
    assert.ok(sessionTimer.scheduled || joinWait !== null || syncWait !== null, 'no member is forgotten')
  }
  if (group.state === 'PreparingRebalance') assert.ok(group.joinTimer.scheduled, 'a rebalance ends')
  for (const memberId of group.pendingMembers.keys()) {
    assert.ok(!group.members.has(memberId), 'who joined is not waited for')
  }
}

test('a group lives through anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const life = new Life(await GroupWorld.start({}, new MemoryLog()))
      for (const one of steps) {
        await life.run(one)
        const { world } = life
        const shard = world.shard()
        if (shard === undefined || world.log.held || world.log.pending.length > 0) continue
        const settled = new Set(
          [...shard.groups.values()]
            .filter(({ state }) => state === 'Stable' || state === 'Empty')
            .map(({ groupId }) => groupId),
        )
        assert.deepEqual(durable(await world.replayed(), settled), durable(shard))
      }
      await life.finish()
    }),
    { numRuns: Number(process.env.MILLRACE_FC_RUNS ?? 60) },
  )
})
