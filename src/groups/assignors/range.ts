import type { Assignor, AssignorMember, AssignorTopic } from './assignor.js'
import { topicClasses } from './topic-classes.js'

/**
 * Per topic, each subscriber gets one contiguous range, sizes differing by at most one. Topics with equal partition
 * counts and subscribers are divided alike and can be joined partition by partition. Subscribers keep the order
 * that their last ranges had, so those who stay keep most of theirs.
 */
export const range: Assignor = {
  name: 'range',
  assign(members, topics) {
    const assignment = new Map(members.map(({ memberId }) => [memberId, new Map<string, Set<number>>()]))
    for (const each of topicClasses(members, topics)) {
      const subscribers = inOrder(each.subscribers, each.topics)
      for (const { id, partitionCount } of each.topics) {
        const size = Math.floor(partitionCount / subscribers.length)
        const larger = partitionCount % subscribers.length
        let next = 0
        for (const [at, { memberId }] of subscribers.entries()) {
          const end = next + size + (at < larger ? 1 : 0)
          // From here on there is nothing left.
          if (end === next) break
          const partitions = new Set<number>()
          for (; next < end; next++) partitions.add(next)
          assignment.get(memberId)?.set(id, partitions)
        }
      }
    }
    return assignment
  },
}

/** The order in the topic with the most partitions, of which most had some, holds for all topics of the class. */
function inOrder(
  subscribers: readonly AssignorMember[],
  topics: readonly AssignorTopic[],
): readonly AssignorMember[] {
  const isOld = ({ id }: AssignorTopic) => subscribers.some(({ assigned }) => assigned.has(id))
  const [largest] = topics.filter(isOld).sort((a, b) => b.partitionCount - a.partitionCount)
  const firsts = new Map(
    subscribers.map((member) => {
      const { assigned } = member
      return [member, firstPartition(largest ? [assigned.get(largest.id) ?? []] : assigned.values())]
    }),
  )
  const byId = (a: AssignorMember, b: AssignorMember) => (a.memberId < b.memberId ? -1 : 1)
  return [...subscribers].sort((a, b) => (firsts.get(a) as number) - (firsts.get(b) as number) || byId(a, b))
}

/** Members that had nothing come last; a finite number, because differences of infinities are none. */
function firstPartition(assigned: Iterable<Iterable<number>>): number {
  let first = Number.MAX_SAFE_INTEGER
  for (const partitions of assigned) for (const partition of partitions) first = Math.min(first, partition)
  return first
}
