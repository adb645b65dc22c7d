/** A topic as far as groups must know it. */
export interface SubscribableTopic {
  readonly name: string
  readonly id: string
  readonly partitionCount: number
  /** Racks that hold a replica of the partition. */
  racksOf(partition: number): readonly string[]
}

/** The topics there are. `version` grows whenever any of them changes. */
export interface TopicSource {
  readonly version: number
  byName(name: string): SubscribableTopic | undefined
  byId(id: string): SubscribableTopic | undefined
  /** Names that a pattern may match; the broker's own topics are not among them. */
  names(): Iterable<string>
}

export const noTopics: TopicSource = {
  version: 0,
  byName: () => undefined,
  byId: () => undefined,
  names: () => [],
}

/**
 * Equal for equal topics, partition counts and racks; 0 for no topics. A shard compares it only with what it stored
 * itself, so any good function will do; a value stored by another broker makes the group assign once more.
 */
export function hashOfTopics(names: Iterable<string>, topics: TopicSource): bigint {
  const hash = new Hash()
  for (const name of [...names].sort()) {
    const topic = topics.byName(name)
    if (topic === undefined) continue
    hash.text(name)
    hash.text(topic.id)
    hash.word(topic.partitionCount)
    for (let partition = 0; partition < topic.partitionCount; partition++) {
      for (const rack of [...topic.racksOf(partition)].sort()) {
        hash.word(partition)
        hash.text(rack)
      }
    }
  }
  return hash.value
}

/** Two multiplicative hashes side by side. */
class Hash {
  #high = 0x811c9dc5
  #low = 0x9e3779b1
  #touched = false

  word(word: number): void {
    this.#touched = true
    this.#high = Math.imul(this.#high ^ word, 0x01000193)
    this.#low = Math.imul(this.#low ^ word, 0x85ebca6b)
    this.#low ^= this.#low >>> 15
  }

  text(text: string): void {
    for (let at = 0; at < text.length; at++) this.word(text.charCodeAt(at))
    this.word(-1 - text.length)
  }

  get value(): bigint {
    if (!this.#touched) return 0n
    return (BigInt(this.#high) << 32n) | BigInt(this.#low >>> 0) || 1n
  }
}
