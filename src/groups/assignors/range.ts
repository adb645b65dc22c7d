import type { Assignor, AssignorMember } from './assignor.js'
import { topicClasses } from './topic-classes.js'

/**
 * Per topic, each subscriber gets one contiguous range, sizes differing by at most one. Topics with equal partition
 * counts and subscribers are divided alike and can be joined partition by partition.
 */
export const range: Assignor = {
  name: 'range',
  assign(members, topics) {
    const assignment = new Map(members.map(({ memberId }) => [memberId, new Map<string, Set<number>>()]))
    for (const each of topicClasses(members, topics)) {
      const subscribers = inOrder(each.subscribers)
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

/**
 * As in Kafka, static members by instance id, then the others by member id, whatever they had before: a set of static
 * members knows beforehand who gets what, whenever each of them starts.
 */
function inOrder(subscribers: readonly AssignorMember[]): readonly AssignorMember[] {
  return [...subscribers].sort((a, b) => {
    if (a.instanceId !== null && b.instanceId !== null) return a.instanceId < b.instanceId ? -1 : 1
    if (a.instanceId !== null || b.instanceId !== null) return a.instanceId !== null ? -1 : 1
    return a.memberId < b.memberId ? -1 : 1
  })
}
