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
  const known = hashesOf(topics)
  let high = 0
  let low = 0
  // A sum does not ask for an order, and sorting is all that a known topic would cost.
  for (const name of names) {
    let hash = known.get(name)
    if (hash === undefined) {
      hash = hashOfTopic(topics.byName(name))
      known.set(name, hash)
    }
    high += hash.high
    low += hash.low
  }
  return (BigInt(high | 0) << 32n) | BigInt(low >>> 0)
}

interface TopicHash {
  readonly high: number
  readonly low: number
}

interface KnownHashes {
  readonly version: number
  readonly byName: Map<string, TopicHash>
}

/** Every group that subscribes to a topic needs its hash, with every member that comes; topics change seldom. */
const knownHashes = new WeakMap<TopicSource, KnownHashes>()

/** Bounds what names of topics that never existed can take. */
const KNOWN_HASHES_MAX = 100_000

function hashesOf(topics: TopicSource): Map<string, TopicHash> {
  const known = knownHashes.get(topics)
  if (known?.version === topics.version && known.byName.size < KNOWN_HASHES_MAX) return known.byName
  const byName = new Map<string, TopicHash>()
  knownHashes.set(topics, { version: topics.version, byName })
  return byName
}

const NO_TOPIC: TopicHash = { high: 0, low: 0 }

function hashOfTopic(topic: SubscribableTopic | undefined): TopicHash {
  if (topic === undefined) return NO_TOPIC
  const hash = new Hash()
  hash.text(topic.name)
  hash.text(topic.id)
  hash.word(topic.partitionCount)
  for (let partition = 0; partition < topic.partitionCount; partition++) {
    for (const rack of [...topic.racksOf(partition)].sort()) {
      hash.word(partition)
      hash.text(rack)
    }
  }
  return hash.value
}

/** Two multiplicative hashes side by side. */
class Hash {
  #high = 0x811c9dc5
  #low = 0x9e3779b1

  word(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 0x01000193)
    this.#low = Math.imul(this.#low ^ word, 0x85ebca6b)
    this.#low ^= this.#low >>> 15
  }

  text(text: string): void {
    for (let at = 0; at < text.length; at++) this.word(text.charCodeAt(at))
    this.word(-1 - text.length)
  }

  get value(): TopicHash {
    return { high: this.#high >>> 0, low: this.#low >>> 0 }
  }
}
