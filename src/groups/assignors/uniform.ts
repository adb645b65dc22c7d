import type { Assignor, AssignorMember, AssignorTopic } from './assignor.js'
import { Heap } from './heap.js'
import { type TopicClass, topicClasses } from './topic-classes.js'

/**
 * Balanced over all topics together, and sticky: what members had stays with them unless balance asks for it.
 *
 *   1. everyone keeps what it had and may still have
 *   2. what is free goes to the subscriber with the least, one near the data if that costs no balance
 *   3. among equal topics, the subscriber with the most gives to the one with the least while they differ by two
 *
 * With equal subscriptions the loads end up differing by at most one.
 */
export const uniform: Assignor = {
  name: 'uniform',
  assign(members, topics) {
    const loads = new Map(members.map((member) => [member, new Load(member)]))
    const share = Math.ceil(partitionsOf(topics) / Math.max(members.length, 1))
    const work = topicClasses(members, topics)
      .map((each) => new ClassWork(each, loads))
      // Those with the fewest to choose from come first.
      .sort((a, b) => a.loads.length - b.loads.length)
    for (const each of work) each.keep()
    for (const each of work) each.fill(share)
    balance(work)
    return new Map([...loads.values()].map(({ member, assigned }) => [member.memberId, assigned]))
  },
}

/**
 * Each round only moves partitions towards smaller loads, so it ends by itself; with odd subscriptions it may take
 * a few rounds until nothing moves, and the bound keeps a hostile group from buying time.
 */
const BALANCE_ROUNDS_MAX = 16

function balance(work: readonly ClassWork[]): void {
  for (let round = 0; round < BALANCE_ROUNDS_MAX; round++) {
    let moved = false
    for (const each of work) if (each.balance()) moved = true
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

class ClassWork {
  readonly loads: readonly Load[]
  readonly #topics: ReadonlyMap<string, AssignorTopic>
  readonly #free = new Map<string, Set<number>>()

  constructor({ topics, subscribers }: TopicClass, loads: ReadonlyMap<AssignorMember, Load>) {
    this.loads = subscribers.map((member) => loads.get(member) as Load)
    this.#topics = new Map(topics.map((topic) => [topic.id, topic]))
    for (const { id, partitionCount } of topics) {
      this.#free.set(id, new Set(Array.from({ length: partitionCount }, (_, partition) => partition)))
    }
  }

  keep(): void {
    for (const load of this.loads) {
      for (const [topicId, partitions] of load.member.assigned) {
        const free = this.#free.get(topicId)
        if (free === undefined) continue
        for (const partition of partitions) if (free.delete(partition)) load.add(topicId, partition)
      }
    }
  }

  fill(share: number): void {
    this.#fillNear(share)
    const heap = heapOf(this.loads, leastFirst)
    for (const [topicId, partitions] of this.#free) {
      for (const partition of partitions) {
        const { load } = heap.pop() as Entry
        load.add(topicId, partition)
        heap.push({ load, count: load.count })
      }
    }
    this.#free.clear()
  }

  /** Moves partitions of this class from the most to the least loaded; true when any moved. */
  balance(): boolean {
    const givers = heapOf(this.loads, mostFirst)
    const takers = heapOf(this.loads, leastFirst)
    let moved = false
    for (;;) {
      const giver = fresh(givers, (load) => this.#topicOf(load) !== undefined)
      const taker = fresh(takers, () => true)
      if (giver === undefined || taker === undefined || giver.count - taker.count < 2) return moved
      const topic = this.#topicOf(giver) as AssignorTopic
      const partition = toGive(topic, giver, taker)
      giver.remove(topic.id, partition)
      taker.add(topic.id, partition)
      for (const load of [giver, taker]) {
        givers.push({ load, count: load.count })
        takers.push({ load, count: load.count })
      }
      moved = true
    }
  }

  /** A topic of this class that the member has partitions of. */
  #topicOf({ assigned }: Load): AssignorTopic | undefined {
    for (const topicId of assigned.keys()) {
      const topic = this.#topics.get(topicId)
      if (topic !== undefined) return topic
    }
    return undefined
  }

  /** Partitions with a replica in the rack of a subscriber that has not got its share yet. */
  #fillNear(share: number): void {
    const racks = new Map<string, Load[]>()
    for (const load of this.loads) {
      const { rackId } = load.member
      if (rackId === null) continue
      const near = racks.get(rackId) ?? []
      near.push(load)
      racks.set(rackId, near)
    }
    if (racks.size < 2) return
    const heaps = new Map([...racks].map(([rack, loads]) => [rack, heapOf(loads, leastFirst)]))
    for (const [topicId, partitions] of this.#free) {
      for (const partition of partitions) {
        const near = this.#topics.get(topicId)?.racksOf(partition) ?? []
        if (near.some((rack) => giveNear(heaps.get(rack), topicId, partition, share))) {
          partitions.delete(partition)
        }
      }
    }
  }
}

function giveNear(heap: Heap<Entry> | undefined, topicId: string, partition: number, share: number): boolean {
  const load = heap && fresh(heap, () => true)
  if (heap === undefined || load === undefined) return false
  const takes = load.count < share
  if (takes) load.add(topicId, partition)
  heap.push({ load, count: load.count })
  return takes
}

/** One that is near the taker and far from the giver, if there is any; else the last one given. */
function toGive({ id, racksOf }: AssignorTopic, giver: Load, taker: Load): number {
  const partitions = [...(giver.assigned.get(id) ?? [])]
  let best = partitions.at(-1) as number
  if (giver.member.rackId === null && taker.member.rackId === null) return best
  const gain = (partition: number) => {
    const racks = racksOf(partition)
    return nearness(racks, taker) - nearness(racks, giver)
  }
  for (const partition of partitions) if (gain(partition) > gain(best)) best = partition
  return best
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
