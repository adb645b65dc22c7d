import type { Assignor, AssignorMember, AssignorTopic } from './assignor.js'
import { Heap } from './heap.js'

/**
 * Balanced over all topics together, and sticky: what members had stays with them unless balance asks for it.
 *
 *   1. everyone keeps what it had and may still have
 *   2. what is free goes to the subscriber with the least, one near the data if that costs no balance
 *   3. topic by topic, the subscriber with the most gives to the one with the least while they differ by two
 *
 * With equal subscriptions the loads end up differing by at most one.
 */
export const uniform: Assignor = {
  name: 'uniform',
  assign(members, topics) {
    const loads = members.map((member) => new Load(member))
    const share = Math.ceil(partitionsOf(topics) / Math.max(loads.length, 1))
    const work = [...topics.values()]
      .map((topic) => new TopicWork(topic, loads))
      .sort((a, b) => a.subscribers.length - b.subscribers.length || (a.topic.id < b.topic.id ? -1 : 1))
    for (const topic of work) topic.keep()
    for (const topic of work) topic.fill(share)
    balance(work)
    return new Map(loads.map(({ member, assigned }) => [member.memberId, assigned]))
  },
}

/**
 * Each round only moves partitions towards smaller loads, so it ends by itself; with odd subscriptions it may take
 * a few rounds until nothing moves, and the bound keeps a hostile group from buying time.
 */
const BALANCE_ROUNDS_MAX = 16

function balance(work: readonly TopicWork[]): void {
  for (let round = 0; round < BALANCE_ROUNDS_MAX; round++) {
    let moved = false
    for (const topic of work) if (topic.balance()) moved = true
    if (!moved) return
  }
}

function partitionsOf(topics: ReadonlyMap<string, AssignorTopic>): number {
  let sum = 0
  for (const { partitionCount } of topics.values()) sum += partitionCount
  return sum
}

class Load {
  count = 0
  readonly assigned = new Map<string, Set<number>>()

  constructor(readonly member: AssignorMember) {}

  add(topicId: string, partition: number): void {
    const partitions = this.assigned.get(topicId) ?? new Set()
    this.assigned.set(topicId, partitions.add(partition))
    this.count++
  }

  remove(topicId: string, partition: number): void {
    const partitions = this.assigned.get(topicId)
    if (!partitions?.delete(partition)) return
    if (partitions.size === 0) this.assigned.delete(topicId)
    this.count--
  }
}

/** A load with what it was when it was put into the heap; one that changed since is put back. */
interface Entry {
  readonly load: Load
  readonly count: number
}

const leastFirst = (a: Entry, b: Entry) => compare(a, b) < 0
const mostFirst = (a: Entry, b: Entry) => compare(b, a) < 0

function compare(a: Entry, b: Entry): number {
  return a.count - b.count || (a.load.member.memberId < b.load.member.memberId ? -1 : 1)
}

class TopicWork {
  readonly subscribers: Load[]
  readonly #free: Set<number>

  constructor(
    readonly topic: AssignorTopic,
    loads: readonly Load[],
  ) {
    this.subscribers = loads.filter(({ member }) => member.topicIds.has(topic.id))
    this.#free = new Set(Array.from({ length: topic.partitionCount }, (_, partition) => partition))
  }

  keep(): void {
    for (const load of this.subscribers) {
      for (const partition of load.member.assigned.get(this.topic.id) ?? []) {
        if (this.#free.delete(partition)) load.add(this.topic.id, partition)
      }
    }
  }

  fill(share: number): void {
    if (this.subscribers.length === 0) return
    this.#fillNear(share)
    const heap = heapOf(this.subscribers, leastFirst)
    for (const partition of this.#free) {
      const { load } = heap.pop() as Entry
      load.add(this.topic.id, partition)
      heap.push({ load, count: load.count })
    }
    this.#free.clear()
  }

  /** Moves partitions of this topic from the most to the least loaded; true when any moved. */
  balance(): boolean {
    const { id } = this.topic
    const givers = heapOf(
      this.subscribers.filter(({ assigned }) => assigned.has(id)),
      mostFirst,
    )
    const takers = heapOf(this.subscribers, leastFirst)
    let moved = false
    for (;;) {
      const giver = fresh(givers, ({ assigned }) => assigned.has(id))
      const taker = fresh(takers, () => true)
      if (giver === undefined || taker === undefined || giver.count - taker.count < 2) return moved
      const partition = this.#toGive(giver, taker)
      giver.remove(id, partition)
      taker.add(id, partition)
      for (const load of [giver, taker]) {
        givers.push({ load, count: load.count })
        takers.push({ load, count: load.count })
      }
      moved = true
    }
  }

  /** Partitions with a replica in the rack of a subscriber that has not got its share yet. */
  #fillNear(share: number): void {
    const racks = new Map<string, Load[]>()
    for (const load of this.subscribers) {
      const { rackId } = load.member
      if (rackId !== null) racks.set(rackId, [...(racks.get(rackId) ?? []), load])
    }
    if (racks.size < 2) return
    const heaps = new Map([...racks].map(([rack, loads]) => [rack, heapOf(loads, leastFirst)]))
    for (const partition of [...this.#free]) {
      for (const rack of this.topic.racksOf(partition)) {
        const heap = heaps.get(rack)
        const load = heap && fresh(heap, () => true)
        if (heap === undefined || load === undefined) continue
        const takes = load.count < share
        if (takes) {
          load.add(this.topic.id, partition)
          this.#free.delete(partition)
        }
        heap.push({ load, count: load.count })
        if (takes) break
      }
    }
  }

  /** One that is near the taker and far from the giver, if there is any; else the last one given. */
  #toGive(giver: Load, taker: Load): number {
    const partitions = [...(giver.assigned.get(this.topic.id) ?? [])]
    const better = (partition: number) => {
      const racks = this.topic.racksOf(partition)
      return nearness(racks, taker) - nearness(racks, giver)
    }
    let best = partitions.at(-1) as number
    if (giver.member.rackId === null && taker.member.rackId === null) return best
    for (const partition of partitions) if (better(partition) > better(best)) best = partition
    return best
  }
}

function nearness(racks: readonly string[], { member: { rackId } }: Load): number {
  return rackId !== null && racks.includes(rackId) ? 1 : 0
}

function heapOf(loads: readonly Load[], before: (a: Entry, b: Entry) => boolean): Heap<Entry> {
  const heap = new Heap<Entry>(before)
  for (const load of loads) heap.push({ load, count: load.count })
  return heap
}

/** The first whose count is still what the heap believes. */
function fresh(heap: Heap<Entry>, fits: (load: Load) => boolean): Load | undefined {
  for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
    const { load, count } = entry
    if (!fits(load)) continue
    if (load.count === count) return load
    heap.push({ load, count: load.count })
  }
  return undefined
}
