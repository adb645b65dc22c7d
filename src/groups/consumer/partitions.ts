// Sets of partitions by topic id. Values are never changed once made, so they may be shared.

export type TopicPartitions = ReadonlyMap<string, ReadonlySet<number>>

/** Partitions with the epoch at which their member got each. */
export type PartitionEpochs = ReadonlyMap<string, ReadonlyMap<number, number>>

export const NO_PARTITIONS: TopicPartitions & PartitionEpochs = new Map()

/** What a record or a request lists; a topic named twice counts once. */
export function topicPartitionsOf(
  listed: readonly { readonly topicId: string; readonly partitions: readonly number[] }[],
): TopicPartitions {
  const byTopic = new Map<string, Set<number>>()
  for (const { topicId, partitions } of listed) {
    if (partitions.length === 0) continue
    const set = byTopic.get(topicId) ?? new Set()
    for (const partition of partitions) set.add(partition)
    byTopic.set(topicId, set)
  }
  return byTopic
}

/** In the order of ids and indexes, so that equal sets are written alike. */
export function listed(partitions: TopicPartitions | PartitionEpochs): {
  topicId: string
  partitions: number[]
}[] {
  return [...partitions]
    .filter(([, indexes]) => indexes.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([topicId, indexes]) => ({ topicId, partitions: [...indexes.keys()].sort((a, b) => a - b) }))
}

export function samePartitions(
  a: TopicPartitions | PartitionEpochs,
  b: TopicPartitions | PartitionEpochs,
): boolean {
  return count(a) === count(b) && isSubset(a, b)
}

export function isSubset(
  inner: TopicPartitions | PartitionEpochs,
  outer: TopicPartitions | PartitionEpochs,
): boolean {
  for (const [topicId, indexes] of inner) {
    const others = outer.get(topicId)
    for (const index of indexes.keys()) if (others === undefined || !others.has(index)) return false
  }
  return true
}

export function intersects(
  a: TopicPartitions | PartitionEpochs,
  b: TopicPartitions | PartitionEpochs,
): boolean {
  for (const [topicId, indexes] of a) {
    const others = b.get(topicId)
    if (others === undefined) continue
    for (const index of indexes.keys()) if (others.has(index)) return true
  }
  return false
}

export function count(partitions: TopicPartitions | PartitionEpochs): number {
  let sum = 0
  for (const indexes of partitions.values()) sum += indexes.size
  return sum
}
