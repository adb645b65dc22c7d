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

  ofGroup(group: string): TopicOffsets | undefined {
    return this.#committed.get(group)
  }

  get({ group, topic, partition }: OffsetPlace): OffsetCommitValue | undefined {
    return this.#committed.get(group)?.get(topic)?.get(partition)?.value
  }

  put(place: OffsetPlace, offset: CommittedOffset): void {
    putInto(this.#committed, place, offset)
  }

  putPending(producerId: number, place: OffsetPlace, offset: CommittedOffset): void {
    putInto(within(this.#pending, producerId), place, offset)
  }

  remove(place: OffsetPlace): void {
    removeFrom(this.#committed, place)
    for (const offsets of this.#pending.values()) removeFrom(offsets, place)
  }

  endTransaction(producerId: number, committed: boolean): void {
    const offsets = this.#pending.get(producerId)
    this.#pending.delete(producerId)
    if (offsets === undefined || !committed) return
    for (const [place, offset] of placesOf(offsets)) {
      // Whichever commit came last in the log wins, also when the transaction ended after a plain commit.
      const present = this.#committed.get(place.group)?.get(place.topic)?.get(place.partition)
      if (present === undefined || offset.position > present.position) this.put(place, offset)
    }
  }

  hasPending({ group, topic, partition }: OffsetPlace): boolean {
    for (const offsets of this.#pending.values()) {
      if (offsets.get(group)?.get(topic)?.has(partition)) return true
    }
    return false
  }

  groupHasPending(group: string): boolean {
    for (const offsets of this.#pending.values()) if (offsets.has(group)) return true
    return false
  }

  /** Every place of the group that holds a committed or pending offset, each once. */
  placesOfGroup(group: string): OffsetPlace[] {
    const merged = new Map<string, TopicOffsets>()
    for (const offsets of [this.#committed, ...this.#pending.values()]) {
      const topics = offsets.get(group)
      if (topics === undefined) continue
      for (const [place, offset] of placesOf(new Map([[group, topics]]))) putInto(merged, place, offset)
    }
    return [...placesOf(merged)].map(([place]) => place)
  }

  /** Every place of the topic, in all groups. */
  placesOfTopic(topic: string): OffsetPlace[] {
    const merged = new Map<string, TopicOffsets>()
    for (const offsets of [this.#committed, ...this.#pending.values()]) {
      for (const [group, topics] of offsets) {
        for (const [partition, offset] of topics.get(topic) ?? [])
          putInto(merged, { group, topic, partition }, offset)
      }
    }
    return [...placesOf(merged)].map(([place]) => place)
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

function putInto(
  offsets: Map<string, TopicOffsets>,
  { group, topic, partition }: OffsetPlace,
  offset: CommittedOffset,
): void {
  within(within(offsets, group), topic).set(partition, offset)
}

function removeFrom(offsets: Map<string, TopicOffsets>, { group, topic, partition }: OffsetPlace): void {
  const topics = offsets.get(group)
  const partitions = topics?.get(topic)
  if (topics === undefined || partitions === undefined || !partitions.delete(partition)) return
  if (partitions.size === 0) topics.delete(topic)
  if (topics.size === 0) offsets.delete(group)
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
