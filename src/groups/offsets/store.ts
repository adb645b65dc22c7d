import type { OffsetCommitValue } from '../../protocol/messages/group-metadata-records.js'

export type PartitionOffsets = Map<number, CommittedOffset>
export type TopicOffsets = Map<string, PartitionOffsets>

export interface CommittedOffset {
  readonly value: OffsetCommitValue
  /** Place of the commit among all entries of its shard. */
  readonly position: number
}

export interface OffsetPlace {
  readonly group: string
  readonly topic: string
  readonly partition: number
}

/**
 * Committed offsets by group, topic and partition; next to them, those of transactions that have not ended, by
 * producer. A transaction's offsets become committed ones when it commits and vanish when it aborts.
 */
export class OffsetStore {
  readonly #committed = new Map<string, TopicOffsets>()
  readonly #pending = new Map<number, Map<string, TopicOffsets>>()
  /** How many open transactions hold an offset of the place, or one of the group. */
  readonly #pendingOfPlace = new Map<string, Map<string, Map<number, number>>>()
  readonly #pendingOfGroup = new Map<string, number>()
  /** Groups that hold an offset of the topic, so that deleting one does not look at every group. */
  readonly #groupsOfTopic = new Map<string, Set<string>>()

  ofGroup(group: string): TopicOffsets | undefined {
    return this.#committed.get(group)
  }

  get({ group, topic, partition }: OffsetPlace): OffsetCommitValue | undefined {
    return this.#committed.get(group)?.get(topic)?.get(partition)?.value
  }

  put(place: OffsetPlace, offset: CommittedOffset): void {
    const partitions = partitionsAt(this.#committed, place)
    if (partitions.size === 0) this.#hold(place)
    partitions.set(place.partition, offset)
  }

  putPending(producerId: number, place: OffsetPlace, offset: CommittedOffset): void {
    const ofProducer = within(this.#pending, producerId)
    if (!has(ofProducer, place)) this.#count(place, 1)
    putInto(ofProducer, place, offset)
  }

  remove(place: OffsetPlace): void {
    removeFrom(this.#committed, place)
    this.#release(place)
    if (!this.hasPending(place)) return
    for (const [producerId, offsets] of this.#pending) {
      if (!has(offsets, place)) continue
      removeFrom(offsets, place)
      this.#count(place, -1)
      if (offsets.size === 0) this.#pending.delete(producerId)
    }
  }

  endTransaction(producerId: number, committed: boolean): void {
    const offsets = this.#pending.get(producerId)
    this.#pending.delete(producerId)
    for (const [place, offset] of placesOf(offsets ?? new Map())) {
      this.#count(place, -1)
      if (!committed) continue
      // Whichever commit came last in the log wins, also when the transaction ended after a plain commit.
      const present = this.#committed.get(place.group)?.get(place.topic)?.get(place.partition)
      if (present === undefined || offset.position > present.position) this.put(place, offset)
    }
  }

  hasPending({ group, topic, partition }: OffsetPlace): boolean {
    return this.#pendingOfPlace.get(group)?.get(topic)?.has(partition) ?? false
  }

  groupHasPending(group: string): boolean {
    return this.#pendingOfGroup.has(group)
  }

  /** Every place of the group that holds a committed or pending offset, each once. */
  placesOfGroup(group: string): OffsetPlace[] {
    const topics = [this.#committed.get(group), this.#pendingOfPlace.get(group)]
    const names = new Set(topics.flatMap((held) => [...(held?.keys() ?? [])]))
    return [...names].flatMap((topic) => this.#placesOf(group, topic))
  }

  /** Every place of the topic, in all groups. */
  placesOfTopic(topic: string): OffsetPlace[] {
    return [...(this.#groupsOfTopic.get(topic) ?? [])].flatMap((group) => this.#placesOf(group, topic))
  }

  #placesOf(group: string, topic: string): OffsetPlace[] {
    const partitions = new Set([
      ...(this.#committed.get(group)?.get(topic)?.keys() ?? []),
      ...(this.#pendingOfPlace.get(group)?.get(topic)?.keys() ?? []),
    ])
    return [...partitions].map((partition) => ({ group, topic, partition }))
  }

  #hold({ group, topic }: OffsetPlace): void {
    const groups = this.#groupsOfTopic.get(topic)
    if (groups === undefined) this.#groupsOfTopic.set(topic, new Set([group]))
    else groups.add(group)
  }

  /** Whatever was held of the place may have been the last. */
  #release({ group, topic }: OffsetPlace): void {
    if (this.#committed.get(group)?.has(topic) || this.#pendingOfPlace.get(group)?.has(topic)) return
    const groups = this.#groupsOfTopic.get(topic)
    if (groups === undefined || !groups.delete(group)) return
    if (groups.size === 0) this.#groupsOfTopic.delete(topic)
  }

  #count(place: OffsetPlace, by: 1 | -1): void {
    const { group, topic, partition } = place
    const ofPlace = (this.#pendingOfPlace.get(group)?.get(topic)?.get(partition) ?? 0) + by
    if (ofPlace > 0) {
      putInto(this.#pendingOfPlace, place, ofPlace)
      this.#hold(place)
    } else {
      removeFrom(this.#pendingOfPlace, place)
      this.#release(place)
    }
    const ofGroup = (this.#pendingOfGroup.get(group) ?? 0) + by
    if (ofGroup > 0) this.#pendingOfGroup.set(group, ofGroup)
    else this.#pendingOfGroup.delete(group)
  }

  /** Every offset there is, committed ones first, then those of open transactions. */
  *entries(): Generator<[OffsetPlace, CommittedOffset]> {
    yield* placesOf(this.#committed)
    for (const offsets of this.#pending.values()) yield* placesOf(offsets)
  }

  /** All committed offsets, for comparing two stores. */
  snapshot(): [OffsetPlace, OffsetCommitValue][] {
    return [...placesOf(this.#committed)].map(([place, { value }]) => [place, value])
  }
}

function* placesOf(offsets: ReadonlyMap<string, TopicOffsets>): Generator<[OffsetPlace, CommittedOffset]> {
  for (const [group, topics] of offsets) {
    for (const [topic, partitions] of topics) {
      for (const [partition, offset] of partitions) yield [{ group, topic, partition }, offset]
    }
  }
}

function has(offsets: ReadonlyMap<string, TopicOffsets>, { group, topic, partition }: OffsetPlace): boolean {
  return offsets.get(group)?.get(topic)?.has(partition) ?? false
}

type ByPlace<Value> = Map<string, Map<string, Map<number, Value>>>

function putInto<Value>(values: ByPlace<Value>, place: OffsetPlace, value: Value): void {
  partitionsAt(values, place).set(place.partition, value)
}

/** The map of the group's topic, made when missing. */
function partitionsAt<Value>(values: ByPlace<Value>, { group, topic }: OffsetPlace): Map<number, Value> {
  return within(within(values, group), topic)
}

function removeFrom<Value>(values: ByPlace<Value>, { group, topic, partition }: OffsetPlace): void {
  const topics = values.get(group)
  const partitions = topics?.get(topic)
  if (topics === undefined || partitions === undefined || !partitions.delete(partition)) return
  if (partitions.size === 0) topics.delete(topic)
  if (topics.size === 0) values.delete(group)
}

/** The inner map at the key, made when missing. */
function within<Key, InnerKey, Value>(outer: Map<Key, Map<InnerKey, Value>>, key: Key): Map<InnerKey, Value> {
  let inner = outer.get(key)
  if (inner === undefined) {
    inner = new Map()
    outer.set(key, inner)
  }
  return inner
}
